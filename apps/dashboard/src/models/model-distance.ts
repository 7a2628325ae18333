/** How far two models are apart. */
export interface Distance {
  /** of the difference of all parameters */
  readonly l2: number;
  readonly parameters: number;
  readonly layers: readonly LayerChange[];
}

export interface LayerChange {
  readonly name: string;
  readonly shape: readonly number[];
  /** of any one parameter */
  readonly maxChange: number;
}

export type DistanceReply = { readonly distance: Distance } | { readonly problem: string };

/** In a thread of its own: models may be large. @throws Error with a sentence for people */
export function distanceOf(left: string, right: string, signal: AbortSignal): Promise<Distance> {
  const worker = new Worker(new URL('./distance-worker.ts', import.meta.url), { type: 'module' });
  const answer = new Promise<Distance>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<DistanceReply>) =>
      'distance' in data ? resolve(data.distance) : reject(new Error(data.problem)),
    );
    worker.addEventListener('error', () => reject(new Error('The models could not be compared here.')));
    signal.addEventListener('abort', () => reject(new Error('Nobody waits for it any more.')));
  });
  worker.postMessage({ left, right });
  return answer.finally(() => worker.terminate());
}
