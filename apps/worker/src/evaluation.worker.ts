import { decodeSafetensors, flatten } from '#learning';
import { chooseBackend, evaluate, modelFromTopology, setParameters, type Topology } from '#tensorflow';

export interface EvaluationTask {
  /** TensorFlow.js topology, JSON bytes */
  readonly topology: Uint8Array;
  /** safetensors: `inputs` [n, …], `labels` [n] */
  readonly evaluationSet: Uint8Array;
  /** safetensors, in the layout's order */
  readonly model: Uint8Array;
}

/** Runs in a worker thread: measures a model on data that no device trained on. */
export default async function measure(task: EvaluationTask): Promise<{ accuracy: number; loss: number }> {
  await chooseBackend();
  const model = await modelFromTopology(JSON.parse(Buffer.from(task.topology).toString('utf8')) as Topology);
  try {
    setParameters(model, flatten(decodeSafetensors(task.model)));
    const tensors = new Map(decodeSafetensors(task.evaluationSet).map(({ name, data }) => [name, data]));
    const inputs = tensors.get('inputs');
    const labels = tensors.get('labels');
    if (inputs === undefined || labels === undefined) throw new Error('an evaluation set has inputs and labels');
    return evaluate(model, inputs, Uint8Array.from(labels));
  } finally {
    model.dispose();
  }
}
