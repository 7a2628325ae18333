import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { takeLock } from './lock.js';
import { identifyProcess } from './process-identity.js';
import { run, scratch, script, until } from './testing/child-script.js';

const HOLDER = (path: string, more = '') =>
  script(
    'takeLock',
    `
    try {
      await takeLock(${JSON.stringify(path)});
      console.log('held');
      ${more}
      setInterval(() => {}, 1000);
    } catch (error) { console.log('refused', error.code, error.pid); }
  `,
  );

describe('takeLock', () => {
  it('[PRC4] refuses while another process holds it, with its pid, and gives it after release', async () => {
    const path = join(scratch, 'held');
    const lock = await takeLock(path);
    const other = run(HOLDER(path));
    expect(await other.ended).toBe(0);
    expect(other.text()).toBe(`refused already_running ${process.pid}\n`);
    await expect(takeLock(path)).rejects.toMatchObject({ code: 'already_running', pid: process.pid });
    await lock.release();
    await lock.release();
    await (await takeLock(path)).release();
  });

  // Mutant: treating any claim as held; the lock of a killed process would then stay for ever.
  it('[PRC4] a holder killed with kill -9 holds nothing', async () => {
    const path = join(scratch, 'killed');
    const holder = run(HOLDER(path));
    await holder.saw('held');
    await expect(takeLock(path)).rejects.toMatchObject({ code: 'already_running', pid: holder.child.pid });
    holder.child.kill('SIGKILL');
    await holder.ended;
    const lock = await takeLock(path);
    expect(readdirSync(path)).toEqual([identifyProcess()]);
    await lock.release();
  });

  // Mutant: comparing pids only; the claim below has the pid of a running process, ours.
  it('[PRC4] a reused pid holds nothing', async () => {
    const path = join(scratch, 'reused');
    const [pid, start, boot] = identifyProcess()!.split('-');
    mkdirSync(path);
    writeFileSync(join(path, `${pid}-${Number(start) - 1}-${boot}`), '');
    await (await takeLock(path)).release();
    expect(readdirSync(path)).toEqual([]);
  });

  // Mutant: claiming without looking again; then several of those that start at once hold it.
  it('[PRC4] of many at once over a stale claim at most one holds it', async () => {
    const path = join(scratch, 'race');
    mkdirSync(path);
    writeFileSync(join(path, '999999-1-00000000'), '');
    const rivals = Array.from({ length: 6 }, () => run(HOLDER(path)));
    await until(() => rivals.every((rival) => /held|refused/.test(rival.text())));
    const held = rivals.filter((rival) => rival.text().includes('held'));
    for (const rival of rivals) rival.child.kill('SIGKILL');
    await Promise.all(rivals.map((rival) => rival.ended));
    expect(held.length).toBeLessThanOrEqual(1);
  });
});
