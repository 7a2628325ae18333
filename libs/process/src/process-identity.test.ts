import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { describe, expect, it } from '@jest/globals';

import { identifyProcess, isProcessRunning, processState } from './process-identity.js';
import { script, run, until } from './testing/child-script.js';

describe('process identity', () => {
  it('[PRC3] holds while the process runs, and not after', async () => {
    const child = spawn('sleep', ['60']);
    const identity = identifyProcess(child.pid)!;
    expect(isProcessRunning(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isProcessRunning(identity)).toBe(false);
    expect(identifyProcess(child.pid)).toBeUndefined();
  });

  // Mutant: comparing pids only. The pid of a running process with another start is a reused pid.
  it('[PRC3] a reused pid is another process', () => {
    const [pid, start, boot] = identifyProcess()!.split('-');
    expect(isProcessRunning(`${pid}-${start}-${boot}`)).toBe(true);
    expect(isProcessRunning(`${pid}-${Number(start) + 1}-${boot}`)).toBe(false);
    expect(isProcessRunning(`${pid}-${start}-00000000`)).toBe(false);
    expect(isProcessRunning('not an identity')).toBe(false);
  });

  // Mutant: kill(pid, 0), which a zombie answers.
  it('[PRC3] a zombie does not run', async () => {
    const parent = run(
      script(
        '',
        `
      import { spawn } from 'node:child_process';
      const shell = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 60'], { stdio: ['ignore', 'inherit', 'inherit'] });
      process.on('SIGTERM', () => { shell.kill('SIGKILL'); process.exit(); });
      setInterval(() => {}, 1000);
    `,
      ),
    );
    await until(() => /\d+\n/.test(parent.text()));
    const pid = Number(parent.text());
    await until(() => processState(pid) === undefined);
    expect(() => process.kill(pid, 0)).not.toThrow();
    expect(identifyProcess(pid)).toBeUndefined();
    parent.child.kill('SIGTERM');
    await parent.ended;
  });
});
