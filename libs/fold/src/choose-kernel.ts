import { findFault } from './check-kernel.js';
import type { FoldKernel } from './kernel.js';
import { plainKernel } from './plain-kernel.js';
import { wasmKernel } from './wasm-kernel.js';

export interface ChosenKernel {
  readonly kernel: FoldKernel;
  /** a sentence that says why it is not the fast one */
  readonly skipped?: string;
}

/**
 * The WebAssembly kernel if it opens and gives what the plain one gives; else the plain one, a tenth as fast. A round
 * that is late is better than a process that does not start: unlike a credential engine's, the numbers of both are the
 * same, and no secret goes in.
 *
 * @param open  for tests
 */
export function chooseKernel(open: () => FoldKernel = wasmKernel): ChosenKernel {
  let fault: string | undefined;
  try {
    const kernel = open();
    fault = findFault(kernel);
    if (fault === undefined) return { kernel };
  } catch (error) {
    fault = error instanceof Error ? error.message : 'no reason given';
  }
  return { kernel: plainKernel, skipped: `The kernel in WebAssembly cannot be used: ${fault}.` };
}

/** The line of the log that says which it is. */
export const describeKernel = ({ kernel, skipped }: ChosenKernel): string =>
  [`fold kernel: ${kernel.name}.`, ...(skipped === undefined ? [] : [skipped])].join(' ');
