import { decodeSafetensors, type NamedTensor } from '#learning';

import type { Distance, DistanceReply } from './model-distance.js';

self.addEventListener('message', ({ data: { left, right } }: MessageEvent<{ left: string; right: string }>) => {
  const post = (reply: DistanceReply) => self.postMessage(reply);
  Promise.all([fetchTensors(left), fetchTensors(right)]).then(
    ([a, b]) => post({ distance: distance(a, b) }),
    (error: Error) => post({ problem: error.message }),
  );
});

async function fetchTensors(digest: string): Promise<NamedTensor[]> {
  const response = await fetch(`/v1/models/${digest}`);
  if (!response.ok)
    throw new Error(`The coordinator answered ${response.status} to the model ${digest.slice(0, 12)}….`);
  return decodeSafetensors(new Uint8Array(await response.arrayBuffer()));
}

function distance(a: readonly NamedTensor[], b: readonly NamedTensor[]): Distance {
  const others = new Map(b.map((tensor) => [tensor.name, tensor.data]));
  let [sum, parameters] = [0, 0];
  const layers = a.map(({ name, shape, data }) => {
    const other = others.get(name);
    let maxChange = 0;
    for (let i = 0; i < data.length; i++) {
      const change = (other?.[i] ?? 0) - data[i]!;
      sum += change * change;
      maxChange = Math.max(maxChange, Math.abs(change));
    }
    parameters += data.length;
    return { name, shape, maxChange };
  });
  return { l2: Math.sqrt(sum), parameters, layers };
}
