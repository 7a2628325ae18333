import type { TrainingNews, TrainingOrder, TrainingProgress } from './messages.js';

/**
 * Trains in a worker of its own, so that the page stays responsive. TensorFlow.js is loaded by the worker, now.
 *
 * @throws Error with the worker's own words
 */
export function trainInWorker(
  order: TrainingOrder,
  onProgress: (progress: TrainingProgress) => void,
  signal: AbortSignal,
): Promise<Float32Array> {
  const worker = new Worker(new URL('./training.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Float32Array>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('The training was stopped.')), { once: true });
    worker.addEventListener('error', (event) => reject(new Error(event.message || 'The training could not start.')));
    worker.addEventListener('message', ({ data }: MessageEvent<TrainingNews>) => {
      if (data.kind === 'progress') onProgress(data.progress);
      else if (data.kind === 'trained') resolve(data.parameters);
      else reject(new Error(data.why));
    });
    worker.postMessage(order, { transfer: [] });
  }).finally(() => worker.terminate());
}
