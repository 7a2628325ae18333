import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { KernelConfig, KernelFunc, NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';

import { im2col } from './im2col.js';
import type { TensorFlow } from './tf.js';

interface KernelCall {
  readonly inputs: Record<string, TensorInfo>;
  readonly backend: BackendWasm;
  readonly attrs: NamedAttrMap;
}

const registered = new WeakSet<KernelFunc>();

/**
 * Completes the wasm backend for training; call after it has started. Repeating it changes nothing.
 *
 * - `Conv2DBackpropFilter` is missing in 4.22: without it no convolution trains.
 * - `BatchMatMul` leaves the fast path (XNNPACK) when an operand is transposed, as in every gradient:
 *   ten times slower. Here the operand is transposed first.
 *
 * Not repaired: `MaxPoolGrad` loses the gradient where a window's maximum is negative. Put a ReLU before
 * max pooling, or use average pooling or a strided convolution.
 */
export function registerWasmKernels(tf: TensorFlow): void {
  replaceMatMul(tf);
  if (tf.getKernel(tf.Conv2DBackpropFilter, 'wasm') === undefined) {
    register(tf, tf.Conv2DBackpropFilter, (call) => conv2dBackpropFilter(tf, call));
  }
}

function replaceMatMul(tf: TensorFlow): void {
  const original = tf.getKernel(tf.BatchMatMul, 'wasm').kernelFunc;
  if (registered.has(original)) return;
  tf.unregisterKernel(tf.BatchMatMul, 'wasm');
  register(tf, tf.BatchMatMul, (call) => {
    const { a, b } = call.inputs as { a: TensorInfo; b: TensorInfo };
    const { transposeA, transposeB } = call.attrs;
    const plain = (!transposeA && !transposeB) || a.shape.length !== 2 || b.shape.length !== 2;
    if (plain) return run(original, call);

    const left = transposeA ? transpose(tf, a, call.backend) : a;
    const right = transposeB ? transpose(tf, b, call.backend) : b;
    const attrs = { transposeA: false, transposeB: false };
    const out = run(original, { inputs: { a: left, b: right }, backend: call.backend, attrs });
    if (left !== a) call.backend.disposeData(left.dataId);
    if (right !== b) call.backend.disposeData(right.dataId);
    return out;
  });
}

function transpose(tf: TensorFlow, x: TensorInfo, backend: BackendWasm): TensorInfo {
  const kernel = tf.getKernel(tf.Transpose, 'wasm').kernelFunc;
  return run(kernel, { inputs: { x }, backend, attrs: { perm: [1, 0] } });
}

/**
 * Gradient of a convolution with respect to its filter, as one matrix product:
 * columns(x) [kh·kw·inChannels, n·oh·ow] × dy [n·oh·ow, outChannels].
 *
 * @param call  inputs x [n, h, w, inChannels] and dy [n, oh, ow, outChannels]; NHWC only
 * @returns the gradient, [kh, kw, inChannels, outChannels]
 */
function conv2dBackpropFilter(tf: TensorFlow, { inputs, backend, attrs }: KernelCall): TensorInfo {
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
  const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs as unknown as ConvolutionAttrs;
  if (dataFormat !== 'NHWC') throw new Error(`Conv2DBackpropFilter takes NHWC, got ${dataFormat}`);
  const shape = x.shape as [number, number, number, number];
  const info = tf.backend_util.computeConv2DInfo(shape, filterShape, strides, 1, pad, dimRoundingMode);

  const rows = info.filterHeight * info.filterWidth * info.inChannels;
  const places = info.batchSize * info.outHeight * info.outWidth;
  const columns = backend.makeOutput([rows, places], 'float32');
  // Views of the wasm heap: taken after the allocation, which may move it.
  im2col(backend.typedArrayFromHeap(x) as Float32Array, backend.typedArrayFromHeap(columns) as Float32Array, info);

  const matMul = tf.getKernel(tf.BatchMatMul, 'wasm').kernelFunc;
  const b = { dataId: dy.dataId, dtype: dy.dtype, shape: [places, info.outChannels] };
  const out = run(matMul, { inputs: { a: columns, b }, backend, attrs: { transposeA: false, transposeB: false } });
  backend.disposeData(columns.dataId);
  return { ...out, shape: [...filterShape] };
}

interface ConvolutionAttrs {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number;
  readonly dataFormat: string;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterShape: [number, number, number, number];
}

function register(tf: TensorFlow, kernelName: string, compute: (call: KernelCall) => TensorInfo): void {
  const kernelFunc = ((call: unknown) => compute(call as KernelCall)) as KernelFunc;
  registered.add(kernelFunc);
  tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc } satisfies KernelConfig);
}

const run = (kernel: KernelFunc, call: KernelCall): TensorInfo =>
  kernel({ inputs: call.inputs, backend: call.backend, attrs: call.attrs }) as TensorInfo;
