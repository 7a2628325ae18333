import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { tokenHash } from '#credential';
import type { Manifest } from '#protocol';

import { enrolCohort, inParallel, type Member } from '../fixtures/cohort.js';
import { hashes, sha256 } from '../fixtures/device.js';
import { dumpTables, dumpText, merged, shared, type Values } from '../fixtures/dump.js';
import { ask } from '../fixtures/http.js';
import { heldIn } from '../fixtures/secrets.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, payloadOf, prepare, receiptOf, submit, told } from '../fixtures/submission.js';

const DEVICES = 12;
const addressOf = (i: number): string => `127.0.0.${50 + i}`;

let starling: TestStarling;
let manifest: Manifest;
let members: Member[];
/** of each step of each device: whether it went as it should */
const outcomes: boolean[] = [];
const ports = { issuer: [] as number[], intake: [] as number[] };
/** While the round is open: nothing is deleted yet. */
let issuerKnows: Values;
let intakeKnows: Values;
let metrics: string;

/** A refused submission too: refusals are where things leak. */
beforeAll(async () => {
  starling = await startStarling();
  manifest = await starling.researcher.createUseCase();
  const plan = (i: number) => ({ from: addressOf(i), onIssuerPort: (port: number) => void ports.issuer.push(port) });
  members = await enrolCohort(starling, manifest, DEVICES, { plan });
  const [last] = await enrolCohort(starling, manifest, 1);
  const [id] = await starling.researcher.startRounds(manifest.useCase, { min: DEVICES, target: DEVICES + 1 });
  const round = await awaitOpenRound(starling.coordinator, manifest.useCase);
  await inParallel(members, 4, async ({ tokens, device }) => {
    const wish = { from: device.plan.from!, onPort: (port: number) => void ports.intake.push(port) };
    const payload = payloadOf(Array.from({ length: 64 }, () => Math.floor(Math.random() * 1000)));
    const refused = prepare(round, tokens[0]!, payload, { payloadLength: 8 });
    outcomes.push(told(await submit(starling.intake, refused, wish)) === 'wrong_length');
    const submission = prepare(round, tokens[0]!, payload);
    outcomes.push(told(await submit(starling.intake, submission, wish)) === receiptOf(submission));
  });
  await look();
  await submit(starling.intake, prepare(round, last!.tokens[0]!, payloadOf(Array.from({ length: 64 }, () => 1))));
  await starling.researcher.awaitRound(id!, 'published');
}, 120_000);
afterAll(() => starling.stop());

async function look(): Promise<void> {
  const { database, intake, directory } = starling;
  await sleep(1200); // counts are written down every half second
  const [bodies, text] = [
    await readdir(join(directory, 'bodies'), { recursive: true }),
    (await ask(`${intake}/metrics`)).text,
  ];
  metrics = text;
  issuerKnows = merged(
    await dumpTables(database.admin, ['identity', 'keys'], 'starling_issuer'),
    dumpText(starling.log('issuer 0'), 'issuer log'),
    dumpText((await ask(`${starling.issuer}/metrics`)).text.replaceAll(/^#.*$/gm, ''), 'issuer metrics'),
  );
  intakeKnows = merged(
    await dumpTables(database.admin, ['intake']),
    await dumpTables(database.admin, ['keys', 'rounds'], 'starling_intake'),
    dumpText(starling.log('intake 0'), 'intake log'),
    dumpText(bodies.map((path) => basename(path)).join(' '), 'body files'),
    dumpText(metrics.replaceAll(/^#.*$/gm, ''), 'intake metrics'),
  );
}

/** What both sides may know: the use case, its keys and its manifest, equal for every device. Metric names say nothing. */
const isCommon = ({ here, there }: { here: string; there: string }): boolean =>
  (here.startsWith('keys.') || here === 'identity.device.use_case' || here === 'issuer metrics') &&
  (/^(keys|rounds)\./.test(there) || /^intake\.\w+\.use_case$/.test(there) || there === 'intake metrics');

describe('who and what', () => {
  it('[PRV1] there is something to look at', () => {
    expect(outcomes).toEqual(Array.from({ length: 2 * DEVICES }, () => true));
    const found = (place: string) =>
      [...issuerKnows.values(), ...intakeKnows.values()].filter((where) => where === place).length;
    expect(found('identity.device.public_key')).toBe(DEVICES + 1);
    expect(found('identity.issuance.evaluated')).toBe(DEVICES + 1);
    expect(found('intake.spent_token.token_hash') + found('intake.submission.token_hash')).toBe(DEVICES);
    expect(found('body files')).toBe(DEVICES);
  });

  // Kills: an intake that keeps anything of the device, an issuer that keeps anything of the token.
  it('[PRV1] no value stands on both sides but what is equal for every device', () => {
    expect(shared(issuerKnows, intakeKnows).filter((value) => !isCommon(value))).toEqual([]);
    // Nothing under keys is a device's: one key and one manifest a use case, however many devices.
    const rows = [...issuerKnows].filter(
      ([, where]) => where.startsWith('keys.primary_key') || where.startsWith('keys.manifest'),
    );
    expect(rows.length).toBeLessThan(DEVICES);
  });

  // The mutant that [PRV1] kills: an intake that writes down who sent.
  it('[PRV1] one device id beside the updates is found', async () => {
    const { admin } = starling.database;
    await admin.query('insert into intake.tally select gen_random_uuid(), id::text, 1 from identity.device limit 1');
    const knows = await dumpTables(admin, ['intake']);
    expect(shared(issuerKnows, knows).filter((value) => !isCommon(value))).toHaveLength(1);
    await admin.query("delete from intake.tally where event ~ '-'");
  });

  it('[PRV2] intake keeps no time, no address and no number of arrival', async () => {
    const { rows } = await starling.database.admin.query<{ name: string }>(
      `select table_name || '.' || column_name as name from information_schema.columns
        where table_schema = 'intake' and (data_type ~ '(time|date|interval|inet|cidr|mac)' or is_identity = 'YES'
           or column_default is not null and column_name <> 'failures')`,
    );
    expect(rows).toEqual([]);
  });

  it('[PRV3] no device address is in what intake keeps, prints or counts', () => {
    const text = [...intakeKnows.keys(), starling.log('intake 0'), metrics].join('\n');
    for (let i = 0; i < DEVICES; i++) expect(text).not.toContain(addressOf(i));
    expect(text).not.toMatch(/127\.0\.0\.|::1|localhost/);
    expect(starling.log('intake 0') + starling.log('issuer 0')).toBe('');
  });

  it('[PRV4] intake prints and counts no token, no hash of one and no device', () => {
    const text = `${starling.log('intake 0')}\n${metrics}`;
    expect(metrics).toContain('starling_refused_total{code="wrong_length"');
    for (const { device, tokens } of members) {
      const { token, info } = tokens[0]!;
      const device16 = Buffer.from(device.id.replaceAll('-', ''), 'hex');
      const secrets = {
        token,
        digest: sha256(token),
        hash: tokenHash(hashes, info, token),
        key: device.publicKey,
        device16,
      };
      expect(heldIn(text, secrets)).toEqual([]);
      expect(text).not.toContain(device.id);
    }
    for (const port of ports.intake) expect(text).not.toMatch(new RegExp(`\\b${port}\\b`));
  });

  // Kills: one shared socket for issuing and submitting. A client's local port is the server's remote port.
  it('[PRV5] issuing and submitting share no process, no port and no connection', () => {
    expect(new URL(starling.issuer).port).not.toBe(new URL(starling.intake).port);
    // Two opens (one refused) and one upload a device, each on a connection of its own.
    expect(ports.intake).toHaveLength(3 * DEVICES);
    expect(ports.issuer).toHaveLength(3 * DEVICES);
  });
});
