import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';
import { Encoder, PacketType } from 'socket.io-parser';

import { COORDINATOR_CODES, HTTP_STATUS, INTAKE_CODES, ISSUER_CODES, type ProtocolCode } from '#protocol';

import { makeWireVectors, type WireVectors } from '../vectors/make-wire-own.js';
import { valuesIn, withValues } from '../vectors/wire-document.js';
import { hasPython, runPython } from './python.js';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');
const page = read('docs/wire.md');
const vectors = JSON.parse(read('test/vectors/wire-own.json')) as WireVectors;

describe('docs/wire.md', () => {
  // Kills: a page that says what was true once; a value that nobody can follow because it is not there.
  it('[PYC4] has the values that the libraries make, all of them and no others', () => {
    expect(makeWireVectors()).toEqual(vectors);
    expect(valuesIn(page)).toEqual(vectors.values);
    expect(withValues(page, vectors.values)).toBe(page);
  });

  // Kills: a writer of the page that leaves what it does not know, or cuts what is long.
  it('[PYC4] is brought up to date value by value', () => {
    const old = 'words\n\n    a = 00\n    b_c =\n        00\n        01\n\n    d = "starling" ‖ x\n';
    const updated = withValues(old, { a: 'ff'.repeat(100), b_c: '02' });
    expect(updated).toBe(
      `words\n\n    a =\n        ${'ff'.repeat(48)}\n        ${'ff'.repeat(48)}\n        ${'ff'.repeat(4)}\n    b_c = 02\n\n    d = "starling" ‖ x\n`,
    );
    expect(valuesIn(updated)).toEqual({ a: 'ff'.repeat(100), b_c: '02' });
    expect(() => withValues(old, { a: '00' })).toThrow('b_c');
  });

  // Kills: a code that came or went, or has another status, without a word here.
  it.each<[string, readonly ProtocolCode[], boolean]>([
    ['Issuer', ISSUER_CODES, true],
    ['Intake', INTAKE_CODES, true],
    ['Coordinator', COORDINATOR_CODES, false],
  ])('[PYC5] lists the refusals of the %s with their statuses', (server, codes, all) => {
    const section = page.split(`### ${server}\n`)[1]!.split('\n## ')[0]!.split('\n### ')[0]!;
    const listed = [...section.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, code, status]) => [code, Number(status)]);
    const known = codes.filter((code) => all || listed.some(([name]) => name === code));
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(known.map((code) => [code, HTTP_STATUS[code]])));
    expect(listed.length).toBeGreaterThan(6);
  });

  // Kills: frames that socket.io would not write or read so.
  it('[PYC5] shows the frames as socket.io writes them', () => {
    const framesOf = (type: PacketType, id: number, ...data: unknown[]): string =>
      `4${new Encoder().encode({ type, id, data, nsp: '/' })[0] as string}`;
    const bytes = Buffer.from('bytes');
    for (const frame of [
      framesOf(PacketType.EVENT, 0, 'submit:open', { header: bytes, mac: bytes }),
      framesOf(PacketType.ACK, 0, { ok: true, permit: bytes, chunkBytes: 262_144, nextIndex: 0 }),
      framesOf(PacketType.EVENT, 0, 'upload:chunk', { index: 0, bytes }),
      framesOf(PacketType.ACK, 0, { ok: true, nextIndex: 1 }),
      framesOf(PacketType.EVENT, 1, 'upload:commit', {}),
      framesOf(PacketType.ACK, 1, { ok: true, receipt: bytes }),
    ])
      expect(page).toMatch(new RegExp(`^[▶◀] ${frame.replaceAll(/[[\]{}()|.*+?]/g, String.raw`\$&`)}$`, 'm'));
  });
});

describe('the client in Python by itself', () => {
  // Kills: two clients that agree with themselves alone.
  it('[PYC6] makes the values of docs/wire.md, and passes its own tests', async () => {
    if (!hasPython()) return;
    const { code, out, err } = await runPython(['-m', 'unittest', 'discover', '-s', 'tests', '-t', '.']);
    expect([code, out, err]).toEqual([0, '', expect.stringMatching(/^\.+\n-+\nRan \d\d+ tests in [\d.]+s\n\nOK\n$/)]);
  });

  it('[PYC18] has its store for itself, until it is closed or killed', async () => {
    if (!hasPython()) return;
    const { code, err } = await runPython([
      '-m',
      'unittest',
      '-k',
      'one_program',
      '-k',
      'a_child',
      'tests.test_device',
    ]);
    expect([code, err]).toEqual([0, expect.stringMatching(/^\.\.\n-+\nRan 2 tests in/)]);
  });

  it('[PYC7] holds to vectors that noble made of RFC 9497, and finds a wrong one', async () => {
    if (!hasPython()) return;
    const own = fileURLToPath(new URL('../../../test/vectors/poprf-own.json', import.meta.url));
    const good = await runPython(['-m', 'tests.check_vectors', own]);
    expect([good.code, good.out]).toEqual([0, '3 vectors hold\n']);
    const bad = await runPython(['-m', 'tests.check_vectors', own, '--turn-a-bit']);
    expect([bad.code, bad.out]).toEqual([
      1,
      expect.stringMatching(/^ristretto255-SHA512 POPRF, batch 1: Output differs/),
    ]);
  });

  it('[PYC3] says how it is used', async () => {
    if (!hasPython()) return;
    const { code, out } = await runPython(['train.py', '--help']);
    expect([code, out]).toEqual([0, expect.stringContaining('--fetch-and-spend')]);
  });
});
