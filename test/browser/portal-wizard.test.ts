import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';

import { decodeSafetensors, denseClassifier, toLayersFormat } from '#learning';

import type { TestStarling } from '../fixtures/starling.js';
import { hasPython } from '../python/python.js';
import { PortalScene } from './portal-scene.js';
import { scan, type Visitor } from './portal-visitor.js';
import { LANGUAGES, programIn, ShownPrograms } from './shown-programs.js';

/* From a draft to devices that take part, and what can be done with a use case from then on. */

let scene: PortalScene;
let starling: TestStarling;
let [owner, researcher]: Visitor[] = [];
let programs: ShownPrograms;

beforeAll(async () => {
  programs = await ShownPrograms.open();
  scene = await PortalScene.open([programs.origin]);
  ({ starling } = scene);
  [owner, researcher] = [await scene.member('olga', 'owner'), await scene.member('ann', 'researcher')];
}, 120_000);
afterAll(async () => {
  await scene.close();
  await programs.close();
});

/** What shows other fields, step by step. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  '1. Model': ['MLP', 'Small CNN', 'A file', 'Bare layout'],
  '2. Strategy': [],
  '3. Privacy': [],
  '4. Rounds': [],
  '5. Devices': [],
  '6. Review': [],
};

describe('the wizard', () => {
  it('[WIZ5] shows what the coordinator says of a draft, which survives a reload', async () => {
    const { page } = researcher!;
    await researcher!.visit('/use-cases/new');
    await page.getByLabel('Title').fill('Digits of phones');
    await page.getByLabel('Input').fill('8 × 8');
    await page.getByRole('button', { name: '3. Privacy' }).click();
    await page.getByLabel('Noise, fixed clip').check();
    await page.getByLabel('Budget ε').fill('3');
    await page.getByRole('img', { name: /ε after 10 rounds: at most .* of a budget of 3/ }).waitFor();
    await page
      .getByText(/These rounds could cost/)
      .first()
      .waitFor();
    await page.reload();
    expect(await page.getByLabel('Budget ε').inputValue()).toBe('3');
  }, 120_000);

  it('[WIZ9] has no serious barrier at any step, in either theme, whatever is chosen there', async () => {
    const { page } = researcher!;
    for (const [step, choices] of Object.entries(STEPS)) {
      await page.getByRole('button', { name: step }).click();
      expect([step, await researcher!.barriers()]).toEqual([step, []]);
      for (const choice of choices) {
        await page.getByLabel(choice).first().check();
        expect([step, choice, await researcher!.barriers()]).toEqual([step, choice, []]);
      }
    }
    await page.getByRole('button', { name: '1. Model' }).click();
    await page.getByLabel('Softmax regression').check();
    await page.getByRole('button', { name: '3. Privacy' }).click();
    await page.getByLabel('Off').check();
    await page.getByText('Nothing would be refused.').waitFor();
  }, 180_000);

  // Kills: a program for browsers that is shown and was never run; a page that tells half of what it takes.
  it('[WIZ6] makes a live use case, and programs for Node, Python and browsers that take part: its round is published', async () => {
    const { page } = researcher!;
    const begun = performance.now();
    await page.getByRole('button', { name: '4. Rounds' }).click();
    await page.getByLabel('Fewest devices').fill('3');
    await page.getByLabel('Target').fill('3');
    await page.getByLabel('Jitter').fill('0');
    await page.getByLabel('Rounds', { exact: true }).fill('1');
    await page.getByRole('button', { name: '6. Review' }).click();
    await page.getByText('Digits of phones (digits-of-phones)').waitFor();
    await page.getByRole('button', { name: 'Create it and start' }).click();
    await page.getByRole('heading', { name: 'Digits of phones is live' }).waitFor();
    expect(performance.now() - begun).toBeLessThan(120_000);

    const code = await page.getByRole('region', { name: 'Enrolment code' }).locator('code').innerText();
    const link = `${starling.coordinator}/take-part/#code=${code}&use-case=digits-of-phones`;
    expect(await scan(page)).toBe(link);
    expect(await page.getByRole('link', { name: link }).getAttribute('href')).toBe(link);
    // Kills: a draft that keeps what is to be shown once.
    expect(await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).not.toContain(code);

    await programs.start(page, 'Node');
    await programs.start(page, hasPython() ? 'Python' : 'Node', 'other');
    const printed = await programs.openPage(page, scene.browser);
    const rounds = (await starling.researcher.call('/rounds?useCase=digits-of-phones')).json as { id: string }[];
    const { accepted, modelOut } = await starling.researcher.awaitRound(rounds[0]!.id, 'published', 60_000);
    expect(accepted).toBe(3);
    expect(printed.filter((line) => line.startsWith('round accepted'))).toHaveLength(1);
    const model = await fetch(`${starling.coordinator}/v1/models/${modelOut}`);
    const tensors = decodeSafetensors(new Uint8Array(await model.arrayBuffer()));
    expect(tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['logits/kernel', [64, 10]],
      ['logits/bias', [10]],
    ]);
    expect(Math.max(...tensors[0]!.data)).toBeGreaterThan(0);
  }, 120_000);

  it('[WIZ9] has no serious barrier on its last page either, with the code and each of the programs', async () => {
    const { page } = researcher!;
    for (const language of LANGUAGES) {
      await programIn(page, language);
      expect([language, await researcher!.barriers()]).toEqual([language, []]);
    }
    expect(researcher!.complaints).toEqual([]);
  }, 120_000);

  it('[WIZ3] takes a TensorFlow.js model as it is saved', async () => {
    const { topology, layout } = denseClassifier([4], [], 2);
    const { modelJson, weights } = toLayersFormat(topology, layout, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    const json = Buffer.from(JSON.stringify(modelJson));
    const { page } = researcher!;
    await researcher!.visit('/use-cases/new');
    await page.reload(); // the finished one is gone
    await page.getByLabel('Title').fill('A saved model');
    await page.getByLabel('A file').check();
    await page
      .getByLabel('Files of the model')
      .setInputFiles([{ name: 'model.json', mimeType: 'application/json', buffer: json }]);
    await page.getByText('Choose weights.bin as well').waitFor();
    await page.getByLabel('Files of the model').setInputFiles([
      { name: 'model.json', mimeType: 'application/json', buffer: json },
      { name: 'weights.bin', mimeType: 'application/octet-stream', buffer: Buffer.from(weights) },
    ]);
    await page.getByText('model.json is with the coordinator').waitFor();
    await page.getByRole('button', { name: '6. Review' }).click();
    await page.getByRole('button', { name: 'Create it and start' }).click();
    await page.getByRole('heading', { name: 'A saved model is live' }).waitFor();
    const manifest = await starling.researcher.manifest('a-saved-model');
    expect(manifest.layout).toEqual(layout);
    const digest = Buffer.from(manifest.initialModel).toString('hex');
    const model = await fetch(`${starling.coordinator}/v1/models/${digest}`);
    const [kernel] = decodeSafetensors(new Uint8Array(await model.arrayBuffer()));
    expect([...kernel!.data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const kept = await starling.researcher.call('/use-cases/a-saved-model/topology');
    expect(kept.json).toEqual(topology);
  }, 120_000);
});

describe('the page of a use case', () => {
  it('[WIZ11] makes codes and takes them back, starts, holds and resumes rounds, and changes what may change', async () => {
    const { page } = researcher!;
    await researcher!.visit('/use-cases');
    await page.getByRole('main').getByRole('link', { name: 'A saved model' }).click();
    await page.getByLabel('Devices', { exact: true }).fill('3');
    await page.getByRole('button', { name: 'Make a code' }).click();
    const code = await page.getByRole('region', { name: 'Enrolment code' }).locator('code').innerText();
    await page.getByLabel('Take a code back').fill(code);
    await page.getByRole('button', { name: 'Revoke it' }).click();
    await page.getByText('No more devices enrol with it.').waitFor();
    await page.getByLabel('Rounds', { exact: true }).fill('2');
    await page.getByRole('button', { name: 'Start rounds' }).click();
    await page.getByText('2 rounds scheduled.').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.getByLabel('Fewest devices').last().fill('41');
    await page.getByRole('button', { name: 'Change it' }).click();
    await page.getByText(/Fewest devices: 41 from epoch \d+ on/).waitFor();
    const { status } = await starling.researcher.call('/enrolment-codes/revoke', { code });
    expect(status).toBe(200);
  }, 120_000);

  // Kills: an act that cannot be taken back behind one click.
  it('[WIZ11] asks before it retires epochs, and does nothing where the answer is no', async () => {
    const { page } = researcher!;
    const act = page.getByRole('button', { name: 'Retire the epochs' });
    await act.click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave it' }).click();
    await act.click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Retire them' }).click();
    await page.getByText('Tokens of epochs before 2 are refused from now on.').waitFor();
    await page.getByRole('button', { name: 'Rotate the key' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Rotate it' }).click();
    await page.getByText(/Another key is being made, for epoch \d+ at the earliest/).waitFor();
    const audit = (await starling.researcher.call('/audit')).json as { entries: { act: string }[] };
    expect(audit.entries.filter(({ act }) => act === 'epoch.retire')).toHaveLength(1);
  }, 120_000);
});

const PLACE = '/use-cases/a-saved-model';

describe('while nobody answers', () => {
  const rounds = async (): Promise<number> =>
    ((await starling.researcher.call('/rounds?useCase=a-saved-model')).json as unknown[]).length;

  // Kills: a page that waits for ever in silence; an answer that is asked for once.
  it('[WIZ15] pages say so, keep what was typed, and go on by themselves when somebody does', async () => {
    const { page } = researcher!;
    await researcher!.visit(PLACE);
    await page.getByLabel('Rounds', { exact: true }).fill('3');
    const before = await rounds();
    starling.kill('coordinator');
    await page.getByRole('button', { name: 'Start rounds' }).click();
    await page.getByRole('alert').getByText('The coordinator does not answer.').first().waitFor();
    await page.getByText(/Reconnecting since/).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.getByLabel('Rounds', { exact: true }).inputValue()).toBe('3');
    await page.getByRole('button', { name: 'Start rounds' }).click();
    await page.getByText('3 rounds scheduled.').waitFor();
    expect(await rounds()).toBe(before + 3);
  }, 120_000);

  // Kills: a library that waits for the network and then does what nobody expects any more; a page that stays broken.
  it('[WIZ15] nothing is done later unseen, and a page that could not be loaded comes when it can', async () => {
    const { page } = researcher!;
    const before = await rounds();
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Start rounds' }).click();
    await page.getByRole('alert').getByText('The coordinator does not answer.').first().waitFor();
    await page.getByRole('link', { name: 'Operations' }).click();
    await page.getByText('Loading this page…').waitFor();
    await page.context().setOffline(false);
    await page.getByRole('heading', { name: 'A second' }).waitFor();
    expect(await rounds()).toBe(before);
  }, 120_000);
});

describe('two at once', () => {
  const alerts = (page: Page): Promise<string> =>
    page
      .getByRole('main')
      .getByRole('alert')
      .allInnerTexts()
      .then((all) => all.join(''));

  // Kills: a page that shows what it read when it was opened; an act that fails where another did the same.
  it('[WIZ16] see what the other does, and both end with it done', async () => {
    const both = [researcher!.page, owner!.page];
    for (const visitor of [researcher!, owner!]) await visitor.visit(PLACE);
    await both[0]!.getByRole('button', { name: 'Pause' }).click();
    await both[1]!.getByRole('button', { name: 'Resume' }).waitFor();
    await both[0]!.getByRole('button', { name: 'Resume' }).waitFor();
    await Promise.all(both.map((page) => page.getByRole('button', { name: 'Resume' }).click()));
    for (const page of both) await page.getByRole('button', { name: 'Pause' }).waitFor();
    await both[0]!.getByLabel('Fewest devices').last().fill('43');
    await both[1]!.getByLabel('Title').fill('Saved by two');
    await Promise.all(both.map((page) => page.getByRole('button', { name: 'Change it' }).click()));
    for (const page of both) {
      await page.getByText(/Fewest devices: 43 from epoch \d+ on/).waitFor();
      await page.getByText(/Title: Saved by two from epoch \d+ on/).waitFor();
      expect(await alerts(page)).toBe('');
    }
  }, 120_000);

  // Kills: two use cases of one id; a draft that is gone with the refusal.
  it('[WIZ16] make one use case of an id: who comes second is told, and keeps the draft', async () => {
    const both = [researcher!.page, owner!.page];
    for (const visitor of [researcher!, owner!]) {
      await visitor.visit('/use-cases/new');
      await visitor.page.reload();
      await visitor.page.getByLabel('Title').fill('Twice');
      await visitor.page.getByRole('button', { name: '6. Review' }).click();
      await visitor.page.getByText('Nothing would be refused.').waitFor();
    }
    await Promise.all(both.map((page) => page.getByRole('button', { name: 'Create it and start' }).click()));
    const ends = await Promise.all(
      both.map(async (page) => {
        const [live, refused] = [page.getByRole('heading', { name: 'Twice is live' }), page.getByText(TAKEN).first()];
        await live.or(refused).first().waitFor();
        return (await live.isVisible()) ? 'live' : 'refused';
      }),
    );
    expect(ends.toSorted()).toEqual(['live', 'refused']);
    const second = both[ends.indexOf('refused')]!;
    await second.getByText('Twice (twice)').waitFor();
    await second.getByRole('button', { name: '1. Model' }).click();
    expect(await second.getByLabel('Title').inputValue()).toBe('Twice');
  }, 120_000);
});

const TAKEN = 'A use case with the id twice exists already.';
