import { useEffect, useRef } from 'react';

import type { LogAnswers, LogQuestion, LogReply } from './log-messages.js';

type Progress = (done: number, total: number) => void;
export type AskLog = <Q extends LogQuestion>(question: Q, onProgress?: Progress) => Promise<LogAnswers[Q['kind']]>;

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: Progress | undefined;
}

/** Reads and checks the log in a thread of its own, for as long as the page is shown. */
export function useLogWorker(): AskLog {
  const worker = useRef<Worker>(undefined);
  const waiting = useRef(new Map<number, Waiting>());
  const next = useRef(0);
  useEffect(
    () => () => {
      worker.current?.terminate();
      worker.current = undefined;
    },
    [],
  );
  const ask = useRef<AskLog>((question, onProgress) => {
    worker.current ??= startWorker(waiting.current);
    const id = next.current++;
    return new Promise((resolve, reject) => {
      waiting.current.set(id, { resolve, reject, onProgress });
      worker.current!.postMessage({ id, question });
    });
  });
  return ask.current;
}

function startWorker(waiting: Map<number, Waiting>): Worker {
  const worker = new Worker(new URL('./log-worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<LogReply>) => {
    const asked = waiting.get(data.id);
    if (data.type === 'progress') return asked?.onProgress?.(data.done, data.total);
    waiting.delete(data.id);
    if (data.type === 'answer') asked?.resolve(data.answer as never);
    else asked?.reject(new Error(data.problem));
  });
  worker.addEventListener('error', () => {
    for (const { reject } of waiting.values()) reject(new Error('The part of this page that reads the log broke.'));
    waiting.clear();
  });
  return worker;
}
