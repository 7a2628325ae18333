import simd from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.wasm?url';
import plain from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm?url';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

import {
  chooseBackend,
  descend,
  getParameters,
  modelFromTopology,
  selectBatch,
  setParameters,
  tf,
  variablesOf,
  type LayersModel,
  type Topology,
} from '#tensorflow';

import type { TrainingNews, TrainingOrder } from './messages.js';

const REPORT_MS = 100;
const tell = (news: TrainingNews): void => postMessage(news);
const absolute = (path: string): string => new URL(path, import.meta.url).href;

setWasmPaths({
  'tfjs-backend-wasm.wasm': absolute(plain),
  'tfjs-backend-wasm-simd.wasm': absolute(simd),
  'tfjs-backend-wasm-threaded-simd.wasm': absolute(threaded),
});

addEventListener('message', ({ data }: MessageEvent<TrainingOrder>) => {
  train(data).then(
    (parameters) => tell({ kind: 'trained', parameters }),
    (error: unknown) => tell({ kind: 'failed', why: error instanceof Error ? error.message : String(error) }),
  );
});

async function train(order: TrainingOrder): Promise<Float32Array<ArrayBuffer>> {
  const backend = await startBackend();
  const model = await modelFromTopology(order.topology as Topology);
  setParameters(model, order.parameters);
  const { localEpochs, batchSize, learningRate: rate } = order.settings;
  const anchors = order.proximalMu === 0 ? [] : variablesOf(model).map((variable) => tf.clone(variable));
  const step = { rate, mu: order.proximalMu, anchors };
  const losses: number[] = [];
  const report = reporter(backend, localEpochs, losses);
  for (let pass = 0; pass < localEpochs; pass++) {
    const indices = shuffled(order.labels.length);
    let sum = 0;
    for (let start = 0; start < indices.length; start += batchSize) {
      const batch = selectBatch(model, order, indices.subarray(start, start + batchSize));
      sum += descend(model, batch, step) * batch.labels.length;
      const done = Math.min(indices.length, start + batchSize);
      losses[pass] = sum / done;
      await report(pass + done / indices.length);
    }
  }
  return finish(model);
}

function finish(model: LayersModel): Float32Array<ArrayBuffer> {
  const parameters = Float32Array.from(getParameters(model));
  tf.disposeVariables();
  return parameters;
}

/** WebAssembly where it starts and computes right, else plain JavaScript. */
async function startBackend(): Promise<string> {
  try {
    return (await chooseBackend()).name;
  } catch {
    await import('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
    return tf.getBackend();
  }
}

/** Tells the page a few times a second, and lets the worker breathe when it does. */
function reporter(backend: string, of: number, losses: readonly number[]): (passes: number) => Promise<void> {
  let last = -Infinity;
  return async (passes) => {
    if (passes < of && performance.now() - last < REPORT_MS) return;
    last = performance.now();
    tell({ kind: 'progress', progress: { passes, of, losses: [...losses], backend } });
    await new Promise((resolve) => setTimeout(resolve));
  };
}

function shuffled(length: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
