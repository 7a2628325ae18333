import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';

import { decodeSafetensors, denseClassifier, toLayersFormat } from '#learning';
import { freePort } from '#process';

import { pick } from '../fixtures/researcher.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';
import { CLIENT, hasPython, PYTHON } from '../python/python.js';
import { launchBrowser } from './chromium.js';
import { PASSWORD, scan, Visitor } from './portal-visitor.js';

let starling: TestStarling;
let browser: Browser;
let [owner, researcher, viewer]: Visitor[] = [];
/** within the package, where `#client` means something */
let folder: string;
const devices: ChildProcess[] = [];

beforeAll(async () => {
  const [issuer, intake, coordinator] = [await freePort(), await freePort(), await freePort()];
  const at = (port: number): string => `http://127.0.0.1:${port}`;
  starling = await startStarling({
    issuers: [{ PORT: `${issuer}` }],
    intakes: [{ PORT: `${intake}` }],
    coordinator: {
      PORT: `${coordinator}`,
      PUBLIC_COORDINATOR_URL: at(coordinator),
      PUBLIC_ISSUER_URL: at(issuer),
      PUBLIC_INTAKE_URL: at(intake),
    },
  });
  folder = await mkdtemp(new URL('../../portal-', import.meta.url).pathname);
  browser = await launchBrowser();
  [owner, researcher, viewer] = await Promise.all([1, 2, 3].map(() => Visitor.at(starling.coordinator, browser)));
}, 120_000);
afterAll(async () => {
  for (const device of devices) device.kill();
  await browser.close();
  await starling.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Makes an invitation on the page of the one who invites, and reads the link off it. */
async function inviteAs({ page }: Visitor, role: string): Promise<string> {
  await page.getByLabel('Invite a').selectOption(role);
  await page.getByRole('button', { name: 'Make an invitation' }).click();
  return page
    .getByRole('region', { name: `Link for a new ${role}` })
    .locator('code')
    .innerText();
}

/** What the button copies is what is on the page; read off the page, since a clipboard is one for all tests. */
async function startDevice(page: Page, language: 'Node' | 'Python', name: string = language): Promise<void> {
  await page.getByRole('tab', { name: language }).click();
  const program = await page.getByRole('tabpanel').locator('pre').innerText();
  const directory = join(folder, name);
  await mkdir(directory);
  await writeFile(join(directory, 'device.mjs'), program);
  const command = language === 'Node' ? process.execPath : PYTHON;
  const env = { ...process.env, PYTHONPATH: CLIENT, PYTHONDONTWRITEBYTECODE: '1' };
  devices.push(spawn(command, ['device.mjs'], { cwd: directory, env, stdio: 'ignore' }));
}

describe('people', () => {
  it('[WIZ4] join by an invitation, and invite others: link and QR code say the same', async () => {
    const token = pick<string>(await starling.researcher.call('/invitations', { role: 'owner' }), 'token');
    await owner!.join(`${starling.coordinator}/ui/#/join?token=${token}`, 'olga');
    await owner!.visit('/people');
    const link = await inviteAs(owner!, 'researcher');
    expect(await scan(owner!.page)).toBe(link);
    await researcher!.join(link, 'ann');
    await viewer!.join(await inviteAs(owner!, 'viewer'), 'vic');
    await owner!.visit('/account');
    await owner!.visit('/people');
    await owner!.page.getByLabel('Role of ann').waitFor();
    expect(await owner!.page.getByLabel('Role of ann').inputValue()).toBe('researcher');
  }, 120_000);

  it('[WIZ4] change their password, sign out and in again, and then see the page that they wanted', async () => {
    const { page } = researcher!;
    await researcher!.visit('/account');
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByLabel('New password').fill('another horse, another battery');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('The password is changed').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    await researcher!.visit('/audit');
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('Name').fill('ann');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('answered 401').waitFor();
    await page.getByLabel('Password').fill('another horse, another battery');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Who did what' }).waitFor();
    expect(page.url()).toMatch(/#\/audit$/);
  }, 120_000);
});

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
    await page.getByLabel('Off').check();
    await page.getByText('Nothing would be refused.').waitFor();
  }, 120_000);

  it('[WIZ6] makes a live use case, and programs in two languages that take part: its round is published', async () => {
    const { page } = researcher!;
    const begun = performance.now();
    await page.getByRole('button', { name: '4. Rounds' }).click();
    await page.getByLabel('Fewest devices').fill('2');
    await page.getByLabel('Target').fill('2');
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

    await startDevice(page, 'Node');
    await startDevice(page, hasPython() ? 'Python' : 'Node', 'other');
    const rounds = (await starling.researcher.call('/rounds?useCase=digits-of-phones')).json as { id: string }[];
    const { accepted, modelOut } = await starling.researcher.awaitRound(rounds[0]!.id, 'published', 60_000);
    expect(accepted).toBe(2);
    const model = await fetch(`${starling.coordinator}/v1/models/${modelOut}`);
    const tensors = decodeSafetensors(new Uint8Array(await model.arrayBuffer()));
    expect(tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['logits/kernel', [64, 10]],
      ['logits/bias', [10]],
    ]);
    expect(Math.max(...tensors[0]!.data)).toBeGreaterThan(0);
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

describe('who may not', () => {
  // Kills: a page that is the only one to say no.
  it('[WIZ7] sees no acts, is told whose they are, and is refused by the coordinator as well', async () => {
    const { page } = viewer!;
    await viewer!.visit('/use-cases/digits-of-phones');
    await page.getByRole('heading', { name: 'Digits of phones' }).waitFor();
    await page.getByText('logits/kernel').waitFor();
    expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
    expect(await page.getByRole('navigation').getByRole('link').allInnerTexts()).not.toContain('People');
    for (const [place, who] of PLACES) {
      await viewer!.visit(place);
      await page.getByText(`This page is for ${who}. You are signed in as vic, a viewer`).waitFor();
    }
    for (const [method, path, body] of ACTS)
      expect([path, await viewer!.ask(method, path, body)]).toEqual([path, 'forbidden']);
  }, 120_000);
});

const PLACES = [
  ['/people', 'owners'],
  ['/api-keys', 'owners'],
  ['/audit', 'owners and researchers'],
  ['/use-cases/new', 'owners and researchers'],
] as const;

const ACTS: readonly (readonly [string, string, object?])[] = [
  ['POST', '/v1/use-cases/preview', {}],
  ['POST', '/v1/use-cases', {}],
  ['POST', '/v1/use-cases/digits-of-phones/rounds', { min: 2, target: 2 }],
  ['POST', '/v1/use-cases/digits-of-phones/enrolment-codes', { uses: 1 }],
  ['POST', '/v1/use-cases/digits-of-phones/retire-epoch', {}],
  ['POST', '/v1/invitations', { role: 'owner' }],
  ['GET', '/v1/accounts'],
  ['GET', '/v1/audit'],
];

describe('what was done', () => {
  it('[WIZ4] an owner changes roles and disables accounts, which ends their sessions', async () => {
    const { page } = owner!;
    await owner!.visit('/people');
    await page.getByLabel('Role of vic').selectOption('owner');
    await page.waitForResponse((response) => response.url().endsWith('/v1/accounts') && response.ok());
    expect(await viewer!.ask('GET', '/v1/accounts')).toBe(200);
    await page.getByRole('button', { name: 'Disable vic' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Disable it' }).click();
    await page.getByRole('button', { name: 'Enable vic' }).waitFor();
    expect(await viewer!.ask('GET', '/v1/accounts')).toBe('unauthorized');
    await page.getByLabel('Role of olga').selectOption('viewer');
    await page.getByRole('alert').getByText('make another account an owner first').waitFor();
  }, 120_000);

  it('[WIZ8] is on the audit page in sentences, the refused too, of one person where one is chosen', async () => {
    const { page } = owner!;
    await owner!.visit('/audit');
    for (const sentence of SENTENCES) await page.getByText(sentence, { exact: true }).first().waitFor();
    await page.getByLabel('By').selectOption('vic');
    await page.getByText('ann signed out.').first().waitFor({ state: 'detached' });
    const said = await page.getByRole('main').getByRole('listitem').allInnerTexts();
    expect(said.every((line) => line.includes('vic'))).toBe(true);
  }, 120_000);

  it('[WIZ8] is done by keys too: one is shown once, and then revoked', async () => {
    const { page } = owner!;
    await owner!.visit('/api-keys');
    await page.getByLabel('Name').fill('nightly');
    await page.getByLabel('models:read').check();
    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = await page.getByRole('region', { name: 'The new key' }).locator('code').innerText();
    const models = async (): Promise<number> =>
      (await fetch(`${starling.coordinator}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await models()).toBe(200);
    await page.getByRole('button', { name: 'Revoke nightly' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke it' }).click();
    await page.getByRole('row', { name: /nightly.*revoked/ }).waitFor();
    expect(await models()).toBe(401);
  }, 120_000);
});

const SENTENCES = [
  'ann joined as a researcher by an invitation.',
  'ann signed out.',
  'ann signed in.',
  'ann created the use case digits-of-phones.',
  'ann made an enrolment code of digits-of-phones for 50 devices.',
  'ann started 1 round of digits-of-phones.',
  'olga invited a researcher.',
  'vic started rounds: refused (forbidden).',
  'olga made vic an owner.',
  'olga disabled vic.',
];

describe('all pages', () => {
  it('[WIZ9] have no serious barrier in either theme, and break no policy', async () => {
    const pages = [
      '/account',
      '/people',
      '/api-keys',
      '/audit',
      '/use-cases',
      '/use-cases/new',
      '/use-cases/digits-of-phones',
    ];
    for (const place of pages) {
      await owner!.visit(place);
      await owner!.page.getByRole('main').locator('.page-title').first().waitFor();
      expect([place, await owner!.barriers()]).toEqual([place, []]);
    }
    const stranger = await Visitor.at(starling.coordinator, browser);
    for (const place of ['/sign-in', '/join?token=none', '/people']) {
      await stranger.visit(place);
      await stranger.page.getByRole('main').getByRole('heading').first().waitFor();
      expect([place, await stranger.barriers()]).toEqual([place, []]);
    }
    for (const visitor of [owner!, researcher!, viewer!, stranger]) expect(visitor.complaints).toEqual([]);
  }, 120_000);
});
