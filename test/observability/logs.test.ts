import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ask } from '../fixtures/http.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { connect } from '../fixtures/submission.js';
import { watchedRound, type WatchedRound } from '../fixtures/watched-round.js';

const JSON_LOG = { LOG_FORMAT: 'json' };
const NAMES = ['issuer 0', 'intake 0', 'coordinator', 'worker'];
const DEVICES = 5;

let starling: TestStarling;
let watched: WatchedRound;
const linesOf = (name: string): string[] => starling.log(name).split('\n').filter(Boolean);

/** A round, some nonsense, and an outage: what a process logs is mostly trouble. */
beforeAll(async () => {
  const all = { issuers: [JSON_LOG], intakes: [JSON_LOG], coordinator: JSON_LOG, worker: JSON_LOG };
  starling = await startStarling(all);
  watched = await watchedRound(starling, { devices: DEVICES });
  const { admin } = starling.database;
  await admin.query('alter table access.api_key rename to api_keys');
  expect((await starling.researcher.call('/models')).status).toBe(500);
  await admin.query('alter table access.api_keys rename to api_key');
  await admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename like 'starling_%'",
  );
  const socket = await connect(starling.intake, '/submit');
  socket.disconnect();
  await ask(`${starling.coordinator}/nothing`);
}, 120_000);
afterAll(() => starling.stop());

interface Line {
  readonly time: string;
  readonly level: string;
  readonly process: string;
  readonly event: string;
  readonly message: string;
}

describe('structured logs', () => {
  // Kills: a line that some library writes past the format; a field that is missing.
  it('[OBS9] are one JSON object a line, with time, level, process, event and message', () => {
    for (const name of NAMES) {
      const lines = linesOf(name);
      expect({ name, some: lines.length > 0 }).toEqual({ name, some: true });
      for (const text of lines) {
        const line = JSON.parse(text) as Line;
        expect(Object.keys(line)).toEqual(['time', 'level', 'process', 'event', 'message']);
        expect(new Date(line.time).toISOString()).toBe(line.time);
        expect(['info', 'warn', 'error', 'fatal']).toContain(line.level);
        expect(line.process).toBe(name.split(' ')[0]);
      }
    }
    const trouble = linesOf('coordinator').map((text) => JSON.parse(text) as Line);
    expect(trouble).toContainEqual(expect.objectContaining({ level: 'error', event: 'http' }));
  });

  // Kills: a process that logs who came, or what.
  it('[OBS10] no line of a whole round, and of what went wrong, carries anything of a device', () => {
    for (const name of NAMES) {
      // A server may listen on a port that some device's connection has at another address.
      const text = starling.log(name).replaceAll(/is ready on port \d+/g, '');
      expect({ name, found: watched.traces(text) }).toEqual({ name, found: [] });
      expect({ name, found: /[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-/i.exec(text)?.[0] }).toEqual({ name });
    }
  });

  // The mutant that [OBS10] kills: what is looked for is found where it stands.
  it('[OBS10] an address, an id or a digest in a line would be found', () => {
    const address = JSON.stringify({ message: 'from 127.0.0.101' });
    expect(watched.traces(address)).toEqual(['address of a device']);
    expect(watched.traces(JSON.stringify({ message: watched.secretsHex('digest of a header') }))).toEqual([
      'digest of a header',
    ]);
  });

  // Kills: an end that nobody's gatherer of logs can read.
  it('[OBS9] also where a process cannot start', async () => {
    const main = fileURLToPath(new URL('../../apps/issuer/src/main.js', import.meta.url));
    const text = await new Promise<string>((resolve) => {
      execFile(process.execPath, [main], { env: { ...JSON_LOG, PATH: process.env['PATH'] } }, (_, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
    const [line, ...rest] = text.trim().split('\n');
    expect(rest).toEqual([]);
    expect(JSON.parse(line!)).toMatchObject({ level: 'fatal', process: 'issuer', event: 'end' });
    expect(line).toContain('DATABASE_URL');
  });
});
