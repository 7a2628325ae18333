import type { TensorFlow } from './tf.js';

/**
 * Does one step of gradient descent come out as on paper?
 *
 * Logits z = x·W with x = [[1, 2]] and W = 0, so softmax(z) = [½, ½]; the label is class 0.
 * ∂loss/∂W = xᵀ·(softmax − label) = [[−½, ½], [−1, 1]]; a step of rate 0.5 gives W = [[¼, −¼], [½, −½]].
 */
export function isKnownStepRight(tf: TensorFlow): boolean {
  return tf.tidy(() => {
    const x = tf.tensor2d([[1, 2]]);
    const label = tf.tensor2d([[1, 0]]);
    const gradient = tf.grad((w) => tf.losses.softmaxCrossEntropy(label, tf.matMul(x, w)));
    const start = tf.zeros([2, 2]);
    const next = tf.sub(start, tf.mul(gradient(start), 0.5)).dataSync();
    const wanted = [0.25, -0.25, 0.5, -0.5];
    return wanted.every((value, i) => Math.abs(value - next[i]!) < 1e-6);
  });
}
