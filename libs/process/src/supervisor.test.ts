import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import { identifyProcess, isProcessRunning } from './process-identity.js';
import { ROOMY_HEAP } from './roomy-heap.js';
import { type RunningChild, Supervisor } from './supervisor.js';
import { run, script, until } from './testing/child-script.js';

const WELL_BEHAVED = script(
  'announceReady, stopOnSignals',
  `
  stopOnSignals(async () => { console.log('closed'); }, { graceMs: 1000 });
  setInterval(() => {}, 1000);
  announceReady({ name: 'x', port: Number(process.env.PORT ?? 1) });
  console.log('hello', process.env.SUPERVISOR_SECRET ?? 'no secret');
`,
);
const DEAF = script(
  'announceReady',
  `
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 1000);
  announceReady({ name: 'x', port: 1 });
`,
);
const CRASHING = script(
  'announceReady',
  `announceReady({ name: 'x', port: 1 }); setTimeout(() => process.exit(3), 30);`,
);

describe('Supervisor', () => {
  it('[PRC12] starts children, prefixes their lines, stops them in reverse order', async () => {
    const lines: string[] = [];
    const supervisor = new Supervisor({ onLine: (name, line) => lines.push(`${name}: ${line}`) });
    const first = await supervisor.start({ name: 'first', module: WELL_BEHAVED, env: { PORT: '4711' } });
    await supervisor.start({ name: 'second', module: WELL_BEHAVED });
    expect(first).toMatchObject({ name: 'first', port: 4711 });
    await supervisor.stopAll(2_000);
    await supervisor.stopAll(2_000);
    expect(lines.filter((line) => line.endsWith('closed'))).toEqual(['second: closed', 'first: closed']);
    await expect(supervisor.start({ name: 'late', module: WELL_BEHAVED })).rejects.toMatchObject({ code: 'stopping' });
  });

  // Mutant: env: { ...process.env, ...plan.env }, by which each process gets every other one's passwords.
  it('[PRC13] hands a child only the environment meant for it', async () => {
    process.env['SUPERVISOR_SECRET'] = 'hunter2';
    const lines: string[] = [];
    const supervisor = new Supervisor({ onLine: (_, line) => lines.push(line) });
    await supervisor.start({ name: 'x', module: WELL_BEHAVED });
    await supervisor.stopAll();
    delete process.env['SUPERVISOR_SECRET'];
    expect(lines).toContain('hello no secret');
  });

  // Kills: flags of the process's that are handed on to a thread, which does not start then.
  it('[PRC19] gives a child a roomy heap where its plan says so, and its threads start', async () => {
    const lines: string[] = [];
    const supervisor = new Supervisor({ onLine: (_, line) => lines.push(line) });
    const threads = script(
      'announceReady, openThreads, stopOnSignals',
      `
      const threads = openThreads(new URL('${new URL('./testing/thread.fixture.js', import.meta.url).href}'), { threads: 1 });
      const { flags } = await threads.run(null);
      console.log('process', ...process.execArgv, 'thread', ...flags);
      stopOnSignals(() => threads.destroy(), { graceMs: 1000 });
      announceReady({ name: 'x', port: 1 });
    `,
    );
    for (const roomyHeap of [true, false]) await supervisor.start({ name: 'x', module: threads, roomyHeap });
    await supervisor.stopAll();
    const thread = 'thread --no-experimental-require-module';
    expect(lines).toEqual([`process ${ROOMY_HEAP} ${thread}`, `process ${thread}`]);
  });

  it('[PRC14] a child that dies before it is ready is reported with its last words', async () => {
    const supervisor = new Supervisor();
    const dying = script('', `console.error('no such database'); process.exit(7);`);
    const error = await supervisor.start({ name: 'dying', module: dying }).catch((error: unknown) => error as Error);
    expect(error).toMatchObject({ code: 'died_before_ready' });
    expect((error as Error).message).toMatch(/dying ended \(code 7\)[^]*no such database/);
    await supervisor.stopAll();
  });

  it('[PRC14] a child that is never ready is killed', async () => {
    const supervisor = new Supervisor();
    const silent = script('', `console.error('waiting'); setInterval(() => {}, 1000);`);
    const start = supervisor.start({ name: 'silent', module: silent, readyTimeoutMs: 400 });
    const error = await start.catch((error: unknown) => error as Error & { pid: number });
    expect(error).toMatchObject({ code: 'ready_timeout' });
    await until(() => identifyProcess((error as { pid: number }).pid) === undefined);
    await supervisor.stopAll();
  });

  // Mutant: waiting for SIGTERM to work.
  it('[PRC12] a child deaf to SIGTERM is killed when the grace is over', async () => {
    const supervisor = new Supervisor();
    const { pid } = await supervisor.start({ name: 'deaf', module: DEAF });
    await supervisor.stopAll(200);
    expect(identifyProcess(pid)).toBeUndefined();
  });

  it('[PRC15] restarts a crashed child, ever more slowly, until told to stop', async () => {
    const waits: (number | undefined)[] = [];
    const restarted: RunningChild[] = [];
    const supervisor = new Supervisor({
      firstBackOffMs: 20,
      onCrash: (_, error, wait) => (expect(error.code).toBe('crashed'), waits.push(wait)),
      onRestart: (child) => restarted.push(child),
    });
    await supervisor.start({ name: 'crashing', module: CRASHING, restart: true });
    await until(() => restarted.length >= 2);
    await supervisor.stopAll();
    const { length } = waits;
    expect(waits.slice(0, 2)).toEqual([20, 40]);
    await sleep(200);
    expect(waits).toHaveLength(length);
  });

  it('[PRC15] reports a crash without restarting unless asked to', async () => {
    const waits: (number | undefined)[] = [];
    const supervisor = new Supervisor({ onCrash: (_, __, wait) => waits.push(wait) });
    await supervisor.start({ name: 'crashing', module: CRASHING });
    await until(() => waits.length === 1);
    expect(waits).toEqual([undefined]);
    await supervisor.stopAll();
  });

  // Mutants: no 'disconnect' in the children (kill -9); no 'exit' listener (a crash, with a child that is deaf).
  it.each([
    { name: 'killed with kill -9', module: WELL_BEHAVED, end: '' },
    { name: 'crashing', module: DEAF, end: "setTimeout(() => { throw new Error('bug'); }, 50);" },
  ])('[PRC16] leaves no child behind when it ends by $name', async ({ module, end }) => {
    const supervisor = run(
      script(
        'Supervisor',
        `
      const { pid } = await new Supervisor().start({ name: 'x', module: new URL('${module.href}') });
      console.log('pid', pid, '');
      ${end}
    `,
      ),
    );
    await supervisor.saw('pid ');
    const pid = Number(/pid (\d+) /.exec(supervisor.text())![1]);
    const identity = identifyProcess(pid);
    if (end === '') {
      expect(identity).toBeDefined();
      supervisor.child.kill('SIGKILL');
    }
    await supervisor.ended;
    await until(() => identity === undefined || !isProcessRunning(identity));
  });
});
