import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { CreateUseCase, type Manifest } from '#protocol';
import { UseCaseDrafts } from '#storage/keys';

import { Traveller, type Told } from '../fixtures/traveller.js';
import { FULL, report } from '../fixtures/race.js';
import { LAYOUT } from '../fixtures/researcher.js';
import { clockOff, startStarling, type TestStarling } from '../fixtures/starling.js';

/** Short, so that a test sees many; the researchers' API asks for a minute at least. 5 s of each are the grace. */
const EPOCH_SECONDS = 14;
const LAST_EPOCH = FULL ? 12 : 4;
const DEVICES = 6;
/** of them, which sit out every other round and come back with its token */
const KEEPERS = 2;
const SLOTS = 4;
const SKEWS = [-300, 0, 300] as const;

let starling: TestStarling;
beforeAll(async () => {
  starling = await startStarling({
    issuers: SKEWS.map(clockOff),
    intakes: SKEWS.toReversed().map(clockOff),
    coordinator: clockOff(300),
  });
}, 120_000);
afterAll(() => starling.stop());

/** A key an epoch: the most often that keys can change. */
async function createUseCase(): Promise<Manifest> {
  const { researcher, database } = starling;
  const initialModel = await researcher.upload(researcher.initialModel(LAYOUT));
  const layout = LAYOUT.map(({ name, shape }) => ({ name, shape: [...shape] }));
  const rules = { kMin: 1, jitterMs: 0, slots: SLOTS, batch: SLOTS, scale: 1000, keyEpochs: 1 };
  const draft = CreateUseCase.parse({ id: 'fast', title: 'A test', initialModel, layout, ...rules });
  await new UseCaseDrafts(database.pool('coordinator')).add({
    ...draft,
    weightLevels: [1],
    privacy: undefined,
    epochSeconds: EPOCH_SECONDS,
  });
  return researcher.manifest('fast');
}

const keeps = (slot: number): boolean => slot % 2 === 0;

const count = (told: readonly Told[], what: Told['what'], answer?: string): number =>
  told.filter((one) => one.what === what && (answer === undefined || one.answer === answer)).length;

describe('a key that changes each epoch, under load, with process clocks 300 s apart', () => {
  // Kills: an issuer that asks its own clock how old a request is (±300 s is then too old); a key cached by
  // use case; a manifest taken for another; epochs by any process's clock.
  it('[KEY10] no live token is refused, no retired one accepted', async () => {
    const manifest = await createUseCase();
    const { researcher } = starling;
    await researcher.startRounds('fast', { count: 40, target: DEVICES - KEEPERS, deadlineSeconds: 3 });
    const code = await researcher.enrolmentCode('fast');
    const told: Told[] = [];
    const travellers = await Promise.all(
      Array.from({ length: DEVICES }, (_, i) =>
        Traveller.start(starling, { manifest, code, index: i, told, ...(i < KEEPERS ? { keeps } : {}) }),
      ),
    );
    const journeys = travellers.map((traveller) => traveller.travel(LAST_EPOCH));
    // Devices also come later, one an epoch.
    for (let epoch = 1; epoch < LAST_EPOCH; epoch++) {
      await sleep(1000 * EPOCH_SECONDS);
      const plan = { manifest: await researcher.manifest('fast'), code, index: DEVICES + epoch, told };
      journeys.push((await Traveller.start(starling, plan)).travel(LAST_EPOCH));
    }
    await Promise.all(journeys);

    report(
      `rotation: ${count(told, 'submit', 'accepted')} accepted, ${count(told, 'submit', 'round_closed')} too late for their round, ` +
        `${count(told, 'issue', 'issued')} batches issued, ${count(told, 'retired')} tries with retired tokens`,
    );
    const keys = (await researcher.call('/keys?useCase=fast')).json as { firstEpoch: number; evaluations: number }[];
    expect(keys.filter(({ evaluations }) => evaluations > 0).length).toBeGreaterThanOrEqual(3);
    // Failures: an answer to a live token or request that is none of these.
    const failures = told.filter(
      ({ what, answer }) => what !== 'retired' && !['accepted', 'round_closed', 'issued'].includes(answer),
    );
    expect(failures).toEqual([]);
    expect(told.filter(({ what, answer }) => what === 'retired' && answer === 'accepted')).toEqual([]);
    const refusals = new Set(told.filter(({ what }) => what === 'retired').map(({ answer }) => answer));
    expect([...refusals]).toEqual(expect.arrayContaining(['epoch_retired', 'epoch_not_open']));
    // Enough of either to mean something, however slow the machine.
    expect(count(told, 'retired', 'epoch_retired')).toBeGreaterThanOrEqual(2);
    const served = new Set(told.filter(({ answer }) => answer === 'accepted').map(({ epoch }) => epoch));
    expect(served.size).toBeGreaterThanOrEqual(2);
  }, 400_000);
});
