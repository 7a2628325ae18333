import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import { identifyProcess, isProcessRunning } from './process-identity.js';
import { type Output, run, script, until } from './testing/child-script.js';

/** A process that counts how often it was closed. */
const closing = (close: string, graceMs = 5_000) =>
  script(
    'stopOnSignals, announceReady',
    `
    setInterval(() => {}, 1000);
    stopOnSignals(async () => { console.log('closing'); ${close} }, { graceMs: ${graceMs} });
    announceReady({ name: 'it', port: 1 });
  `,
  );

async function started(close: string, graceMs?: number): Promise<Output> {
  const output = run(closing(close, graceMs));
  await output.saw('it is ready on port 1');
  return output;
}

describe('stopOnSignals', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('[PRC8] %s closes once and exits 0', async (signal) => {
    const output = await started('await new Promise((done) => setTimeout(done, 100));');
    output.child.kill(signal);
    expect(await output.ended).toBe(0);
    expect(output.text().split('closing')).toHaveLength(2);
  });

  // Mutant: any second signal exits 1. Under npm one Ctrl-C arrives twice, and nothing would ever be closed.
  it('[PRC8] the same Ctrl-C twice counts once', async () => {
    const output = await started('await new Promise((done) => setTimeout(done, 200));');
    output.child.kill('SIGINT');
    await output.saw('closing');
    output.child.kill('SIGINT');
    expect(await output.ended).toBe(0);
  });

  it('[PRC9] a later second signal exits 1 at once', async () => {
    const output = await started('await new Promise(() => {});');
    output.child.kill('SIGTERM');
    await output.saw('closing');
    await sleep(600);
    output.child.kill('SIGTERM');
    expect(await output.ended).toBe(1);
  });

  // Mutant: no timer; a close that hangs would keep the process for ever.
  it.each([
    { name: 'hangs', close: 'await new Promise(() => {});' },
    { name: 'fails', close: "throw new Error('secret row');" },
  ])('[PRC9] a close that $name exits 1', async ({ close }) => {
    const output = await started(close, 200);
    output.child.kill('SIGTERM');
    expect(await output.ended).toBe(1);
    expect(output.text()).not.toContain('secret row');
  });

  // Mutant: not listening to 'disconnect'. The child then outlives a parent that got kill -9.
  it('[PRC10] closes and ends when its parent is killed', async () => {
    const parent = run(
      script(
        '',
        `
      import { fork } from 'node:child_process';
      const child = fork(${JSON.stringify(closing("console.log('to a closed pipe'.repeat(1000));").pathname)}, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
      child.on('message', ({ type }) => console.log(type, child.pid, ''));
    `,
      ),
    );
    await parent.saw('ready');
    const identity = identifyProcess(Number(parent.text().split(' ')[1]))!;
    expect(isProcessRunning(identity)).toBe(true);
    parent.child.kill('SIGKILL');
    await until(() => !isProcessRunning(identity));
  });

  it.each([
    { name: 'exception', source: "setTimeout(() => { throw new TypeError('token 1234'); });" },
    { name: 'rejection', source: "void Promise.reject(Object.assign(new TypeError('token 1234'), { code: 'E_X' }));" },
  ])('[PRC11] an uncaught $name is one line without its message, and exit 1', async ({ source }) => {
    const output = run(
      script(
        'stopOnSignals',
        `stopOnSignals(async () => {}, { graceMs: 1000 }); setInterval(() => {}, 1000); ${source}`,
      ),
    );
    expect(await output.ended).toBe(1);
    expect(output.text().trim().split('\n')).toEqual([
      expect.stringMatching(/^fatal: un.* TypeError .*script-\d+\.mjs/),
    ]);
    expect(output.text()).not.toContain('1234');
  });
});
