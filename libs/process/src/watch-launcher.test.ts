import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { identifyProcess, isProcessRunning } from './process-identity.js';
import { run, scratch, script, until } from './testing/child-script.js';

const WATCHING = script(
  'watchLauncher',
  `
  import { writeFileSync } from 'node:fs';
  watchLauncher(() => process.exit(0), { pollMs: 50 });
  setInterval(() => {}, 1000);
  process.stdout.on('error', () => {});
  console.log('watching', process.pid, process.ppid, '');
`,
);

/** Plays npm: a process that runs a shell that runs ours. `& wait` keeps the shell from becoming our process. */
function launcher(command: string): URL {
  const path = join(scratch, `${command.length}.sh`);
  writeFileSync(path, command);
  return script(
    '',
    `
    import { spawn } from 'node:child_process';
    spawn('sh', [${JSON.stringify(path)}], { stdio: 'inherit' });
    setInterval(() => {}, 1000);
  `,
  );
}

async function watched(env: Record<string, string>, command: string) {
  const npm = run(launcher(command), { env });
  await npm.saw('watching');
  const [, pid, shell] = /watching (\d+) (\d+) /.exec(npm.text())!.map(Number);
  return { npm, identity: identifyProcess(pid)!, pid: pid!, shell: shell! };
}

const NODE = `'${process.execPath}' '${WATCHING.pathname}'`;

describe('watchLauncher', () => {
  // Mutant: watching the parent only. The parent is npm's shell, which outlives npm.
  it.each([
    { name: 'with a shell between', command: `${NODE} & wait` },
    { name: 'without', command: `exec ${NODE}` },
  ])('[PRC17] calls back when npm gets kill -9, $name', async ({ command }) => {
    const { npm, identity, pid, shell } = await watched({ npm_lifecycle_event: 'demo' }, command);
    await sleep(150);
    expect(isProcessRunning(identity)).toBe(true);
    npm.child.kill('SIGKILL');
    await until(() => !isProcessRunning(identity)).finally(() => endAll(pid, shell === npm.child.pid ? pid : shell));
  });

  // Mutant: watching always; then `nohup starling up &` ends with its terminal.
  it('[PRC17] does nothing outside npm', async () => {
    const { npm, identity, pid, shell } = await watched({}, `${NODE} & wait #`);
    npm.child.kill('SIGKILL');
    await sleep(300);
    expect(isProcessRunning(identity)).toBe(true);
    endAll(pid, shell);
  });
});

function endAll(...pids: number[]): void {
  for (const pid of pids) if (identifyProcess(pid) !== undefined) process.kill(pid, 'SIGKILL');
}
