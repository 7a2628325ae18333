import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { commandsOf } from '../fixtures/admin-command.js';
import { Person } from '../fixtures/person.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

let starling: TestStarling;
let directory: string;
beforeAll(async () => {
  starling = await startStarling({ without: ['intake', 'worker', 'issuer'] });
  directory = await mkdtemp(join(tmpdir(), 'starling-cli-'));
}, 120_000);
afterAll(async () => {
  await starling.stop();
  await rm(directory, { recursive: true, force: true });
});

const tokenIn = (text: string): string => /\/ui\/#\/join\?token=([\w-]{43})\b/.exec(text)![1]!;

describe('the account commands', () => {
  it('[PRT10] invite, list, role, disable and enable; the last owner stays one', async () => {
    const command = commandsOf(starling);
    const invited = await command('account', 'invite', '--role', 'owner');
    expect(invited).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${starling.coordinator}/ui/#/join?token=`),
    });
    const ann = new Person(starling.coordinator, 'ann');
    expect((await ann.join(tokenIn(invited.out))).status).toBe(201);
    expect((await command('account', 'list')).out).toMatch(
      /^NAME +ROLE +STATE +LAST SEEN +MADE +ID\nann +owner +good +20/,
    );
    for (const args of [
      ['disable', 'ann'],
      ['role', 'ann', 'viewer'],
    ]) {
      expect(await command('account', ...args)).toMatchObject({
        code: 1,
        out: '',
        error: expect.stringContaining('last owner'),
      });
    }
    const second = JSON.parse((await command('account', 'invite', '--role', 'viewer', '--json')).out);
    const bob = new Person(starling.coordinator, 'bob');
    await bob.join(tokenIn(second.address));
    expect((await command('account', 'role', 'bob', 'owner')).out).toBe('bob is good, with the role owner.\n');
    expect((await command('account', 'disable', 'ann')).out).toBe('ann is disabled.\n');
    expect(await ann.code('/models')).toBe('unauthorized');
    expect(JSON.parse((await command('account', 'enable', 'ann', '--json')).out)).toMatchObject({ disabledAt: null });
    expect(await command('account', 'role', 'ann', 'king')).toMatchObject({ code: 2, out: '' });
    expect(await command('account', 'disable', 'nobody')).toMatchObject({ code: 1, out: '' });
  });

  it('[PRT10] invitations are listed by what became of them, and revoked', async () => {
    const command = commandsOf(starling);
    const { id } = JSON.parse((await command('account', 'invite', '--role', 'viewer', '--json')).out) as { id: string };
    expect((await command('invitation', 'list')).out).toMatch(new RegExp(`^${id}  viewer +open`, 'm'));
    expect((await command('invitation', 'revoke', id)).code).toBe(0);
    const { out } = await command('invitation', 'list');
    expect(out).toMatch(new RegExp(`^${id}  viewer +revoked`, 'm'));
    expect(out).toMatch(/owner +accepted/);
  });

  it('[AUD4] audit list shows what was done, page by page; a command on the database is there as such', async () => {
    const command = commandsOf(starling);
    const id = crypto.randomUUID();
    await starling.database.admin.query('insert into identity.device (id, public_key, use_case) values ($1, $2, $3)', [
      id,
      Buffer.alloc(32),
      'a',
    ]);
    expect((await command('device', 'revoke', id)).code).toBe(0);
    const { out } = await command('audit', 'list', '--limit', '3');
    expect(out).toMatch(/^ *ID +AT +WHO +ACT +ENDED +ABOUT\n *\d+ +20\S+Z +\S+ \(command\) +device\.revoke +done$/m);
    expect(out).not.toContain(id);
    const before = /--before (\d+)\n$/.exec(out)![1]!;
    const older = JSON.parse((await command('audit', 'list', '--before', before, '--limit', '1', '--json')).out);
    expect(older.entries).toEqual([expect.objectContaining({ id: Number(before) - 1 })]);
  });
});
