import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Manifest } from '#protocol';

import { enrolCohort, inParallel } from '../fixtures/cohort.js';
import { TestDevice, type Token } from '../fixtures/device.js';
import { ask, codeOf } from '../fixtures/http.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { awaitOpenRound, payloadOf, prepare, receiptOf, submit, told, type OpenRound } from '../fixtures/submission.js';

const SIZE = 5;
const UPDATE = payloadOf(Array.from({ length: 64 }, (_, i) => i));

interface Tenant {
  readonly manifest: Manifest;
  readonly device: TestDevice;
  /** for slots 0 to 4; the open round has slot 0 */
  readonly tokens: readonly Token[];
  readonly round: OpenRound;
}

let starling: TestStarling;
let tenants: Tenant[];

beforeAll(async () => {
  starling = await startStarling({ without: ['worker'] });
  tenants = await inParallel(Array.from({ length: SIZE }), 2, async () => {
    const manifest = await starling.researcher.createUseCase();
    const [member] = await enrolCohort(starling, manifest, 1, { slots: [0, 1, 2, 3, 4] });
    await starling.researcher.startRounds(manifest.useCase);
    return { manifest, ...member!, round: await awaitOpenRound(starling.coordinator, manifest.useCase) };
  });
}, 120_000);
afterAll(() => starling.stop());

describe('a token', () => {
  // Kills: a key that is not derived from use case and slot; a MAC that does not cover the round.
  it('[SUB16] is worth something in its own use case and slot only: 5 × 5 × 5 tried, the diagonal accepted', async () => {
    const outcomes = new Map<string, number>();
    for (const [j, { round, tokens: own }] of tenants.entries()) {
      for (const [i, { tokens }] of tenants.entries()) {
        for (const [slot, token] of tokens.entries()) {
          if (i === j && slot === 0) continue;
          // Once as what it is, once as what it would have to be.
          for (const info of [token.info, own[0]!.info]) {
            const outcome = told(await submit(starling.intake, prepare(round, token, UPDATE, { info })));
            outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          }
        }
      }
    }
    expect(Object.fromEntries(outcomes)).toEqual({ malformed_message: 120, invalid_token: 120 });
    for (const { round, tokens } of tenants) {
      const honest = prepare(round, tokens[0]!, UPDATE);
      expect(told(await submit(starling.intake, honest))).toBe(receiptOf(honest));
    }
  });
});

describe('a use case', () => {
  // Kills: codes, devices or keys that are looked up without their use case.
  it('[ISS10] lets in nobody with the code, the device or the request of another', async () => {
    const [mine, other] = [tenants[0]!.manifest, tenants[1]!];
    const { issuer, researcher } = starling;
    const code = await researcher.enrolmentCode(mine.useCase);
    const stranger = new TestDevice({ issuer, manifest: other.manifest, code });
    expect(codeOf(await stranger.enrol())).toBe('invalid_code');
    const { epoch } = await other.device.window();
    const batch = other.device.blind(epoch, [5]);
    expect(codeOf(await other.device.request(batch, { useCase: mine.useCase }))).toBe('unknown_device');
    const keys = new Set(tenants.map(({ manifest }) => Buffer.from(manifest.keys[0]!.publicKey).toString('hex')));
    expect(keys.size).toBe(SIZE);
    expect(codeOf(await ask(`${issuer}/v1/use-cases/${mine.useCase}-2/slots`))).toBe('unknown_use_case');
  });

  // Kills: a limit that one use case uses up for all.
  it('[ISS12] that asks for more tokens than its share is rate_limited, and the others are served', async () => {
    const { issuer, researcher } = starling;
    const manifest = await researcher.createUseCase({ slots: 256, tokensPerSecond: 1 });
    const code = await researcher.enrolmentCode(manifest.useCase);
    const [first, second] = [0, 1].map(() => TestDevice.enrolled({ issuer, manifest, code }));
    const all = Array.from({ length: 256 }, (_, slot) => slot);
    const epoch = (await (await first!).window()).epoch;
    expect((await (await first!).request((await first!).blind(epoch, all))).status).toBe(200);
    const refused = await (await second!).request((await second!).blind(epoch, all));
    expect(codeOf(refused)).toBe('rate_limited');
    expect((refused.json as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(100_000);
    const [other] = tenants;
    expect((await other!.device.request(other!.device.blind(epoch, [7]))).status).toBe(200);
  });
});
