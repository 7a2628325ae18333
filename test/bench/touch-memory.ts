import { execFile } from 'node:child_process';
import { freemem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROCESS = fileURLToPath(new URL('./touch-memory.process.js', import.meta.url));

/**
 * Touches free memory, so that the machine has it. A virtual machine may be given memory by its host only when it is
 * touched, and have free memory taken away again. What that takes is counted as CPU of whoever touches a page first: here
 * we do, and not the processes that are measured.
 *
 * @param bytes  at most half of what is free is touched
 * @returns CPU seconds
 */
export async function touchMemory(bytes: number): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, String(Math.min(bytes, freemem() / 2))]);
  return Number(stdout);
}
