import { execFile } from 'node:child_process';

import { StorageError } from '../database/storage-error.js';
import { contextText, WRAPPED_BY, type KeyContext, type KeyEncryption } from './key-encryption.js';

const TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 65_536;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** What this process knows and the program need not. */
const WITHHELD = ['DATABASE_URL', 'PERMIT_KEY', 'PERMIT_KEY_FILE'];

/**
 * A master key elsewhere, behind a program: `program wrap <context>` reads a key in base64 on stdin and
 * writes what only it can open, in base64, on stdout; `program unwrap <context>` the other way round. Run
 * without a shell, for 20 s and 64 kB at most.
 *
 *   wrapped = u8(2) ‖ what the program wrote
 */
export class KmsCommand implements KeyEncryption {
  /** @param program  a path, or a name found in PATH */
  constructor(private readonly program: string) {}

  async wrap(key: Uint8Array, context: KeyContext): Promise<Uint8Array> {
    return Buffer.concat([Buffer.of(WRAPPED_BY.kms), await this.#run('wrap', key, context)]);
  }

  async unwrap(wrapped: Uint8Array, context: KeyContext): Promise<Uint8Array> {
    if (wrapped[0] !== WRAPPED_BY.kms) {
      const sentence = `The primary key of ${context.useCase} was not wrapped by the KMS: it needs the master key it was wrapped under.`;
      throw new StorageError('wrong_master_key', sentence);
    }
    return this.#run('unwrap', wrapped.subarray(1), context);
  }

  #run(verb: 'wrap' | 'unwrap', input: Uint8Array, context: KeyContext): Promise<Uint8Array> {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !WITHHELD.includes(name)));
    const limits = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES } as const;
    return new Promise((resolve, reject) => {
      // Nothing of what the program wrote goes into an error: it may have written the key.
      const fail = (how: string): void => {
        const sentence = `KMS_COMMAND (${this.program} ${verb}) ${how}, for the primary key of ${context.useCase}.`;
        reject(new StorageError('kms_failed', sentence));
      };
      const child = execFile(this.program, [verb, contextText(context)], { ...limits, env }, (error, stdout) => {
        const text = stdout.trim();
        if (error !== null) fail(howItFailed(error));
        else if (text === '' || !BASE64.test(text)) fail('did not answer in base64');
        else resolve(Buffer.from(text, 'base64'));
      });
      child.stdin?.on('error', () => {}); // it need not read to the end
      child.stdin?.end(`${Buffer.from(input).toString('base64')}\n`);
    });
  }
}

function howItFailed({ code, killed }: { code?: string | number | null; killed?: boolean }): string {
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `wrote more than ${MAX_OUTPUT_BYTES} bytes`;
  if (killed === true) return `did not end within ${TIMEOUT_MS / 1000} s`;
  if (typeof code === 'number') return `ended with code ${code}`;
  return `could not be run (${code ?? 'killed'})`;
}
