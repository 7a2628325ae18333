import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';

import { PortalScene } from './portal-scene.js';
import { PASSWORD, scan, type Visitor } from './portal-visitor.js';

/* Accounts, and what their sessions are good for. What researchers make is the story of portal-wizard.test.ts. */

const USE_CASE = 'digits-of-phones';
/** of ann, since she changed it */
const CHANGED = 'another horse, another battery';

let scene: PortalScene;
let [owner, researcher, viewer]: Visitor[] = [];

beforeAll(async () => {
  scene = await PortalScene.open();
  [owner, researcher, viewer] = await Promise.all([1, 2, 3].map(() => scene.stranger()));
}, 120_000);
afterAll(() => scene.close());

/** Makes an invitation on the page of the one who invites, and reads the link off it. */
async function inviteAs({ page }: Visitor, role: string): Promise<string> {
  await page.getByLabel('Invite a').selectOption(role);
  await page.getByRole('button', { name: 'Make an invitation' }).click();
  return page
    .getByRole('region', { name: `Link for a new ${role}` })
    .locator('code')
    .innerText();
}

describe('people', () => {
  it('[WIZ4] join by an invitation, and invite others: link and QR code say the same', async () => {
    await owner!.join(await scene.invitation('owner'), 'olga');
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
    await page.getByLabel('New password').fill(CHANGED);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('The password is changed').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    await researcher!.visit('/audit');
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await signIn(page, 'ann', PASSWORD);
    await page.getByRole('alert').getByText('answered 401').waitFor();
    await signIn(page, 'ann');
    await page.getByRole('heading', { name: 'Who did what' }).waitFor();
    expect(page.url()).toMatch(/#\/audit$/);
  }, 120_000);
});

describe('a session', () => {
  const create = { id: USE_CASE, title: 'Digits of phones', kMin: 2, layout: [{ name: 'logits/kernel', shape: [4] }] };

  // Kills: a page that believes in its session until it is loaded again; one that bounces back from signing in.
  it('[WIZ14] that has ended is said to have ended, and the draft is still there after signing in again', async () => {
    const { page } = researcher!;
    await researcher!.visit('/use-cases/new');
    await page.getByLabel('Title').fill('Kept meanwhile');
    await page.getByRole('button', { name: '6. Review' }).click();
    await page.getByText('Nothing would be refused.').waitFor();
    await scene.changeAccount('ann', { disabled: true }, { disabled: false });
    await page.getByRole('button', { name: 'Create it and start' }).click();
    await page.getByRole('alert').getByText('You are no longer signed in as ann.').waitFor();
    await page.getByText('Sign in to see it.').waitFor();
    expect(await researcher!.barriers()).toEqual([]);
    expect((await scene.starling.researcher.call('/use-cases/kept-meanwhile')).status).toBe(404);

    await page.getByRole('link', { name: 'Sign in again' }).click();
    await signIn(page, 'ann');
    await page.getByText('Kept meanwhile (kept-meanwhile)').waitFor();
    expect(await page.getByText('You are no longer signed in').count()).toBe(0);
    await page.getByRole('button', { name: 'Create it and start' }).click();
    await page.getByRole('heading', { name: 'Kept meanwhile is live' }).waitFor();
  }, 120_000);

  // Kills: buttons that vanish without a word.
  it('[WIZ14] of another role than before says so, once something is refused', async () => {
    const { page } = researcher!;
    await makeUseCase();
    await researcher!.visit(`/use-cases/${USE_CASE}`);
    await page.getByRole('button', { name: 'Start rounds' }).waitFor();
    await scene.changeAccount('ann', { role: 'viewer' });
    await page.getByRole('button', { name: 'Start rounds' }).click();
    await page.getByRole('alert').getByText('You are a viewer now.').waitFor();
    await page.getByRole('button', { name: 'Start rounds' }).waitFor({ state: 'detached' });
    expect(await researcher!.barriers()).toEqual([]);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('You are a viewer now.').waitFor({ state: 'detached' });
    await scene.changeAccount('ann', { role: 'researcher' });
    await page.reload();
    await page.getByRole('button', { name: 'Start rounds' }).click();
    await page.getByText('1 round scheduled.').waitFor();
  }, 120_000);

  /** As ann does it: on her page, by her session. */
  async function makeUseCase(): Promise<void> {
    const initialModel = await scene.starling.researcher.upload(scene.starling.researcher.initialModel(create.layout));
    expect(await researcher!.ask('POST', '/v1/use-cases', { ...create, initialModel })).toBe(201);
    await scene.starling.researcher.manifest(USE_CASE);
    expect(await researcher!.ask('POST', `/v1/use-cases/${USE_CASE}/enrolment-codes`, { uses: 50 })).toMatch(
      /^[\w-]{20}$/,
    );
  }
});

async function signIn(page: Page, name: string, password: string = CHANGED): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

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
      (await fetch(`${scene.starling.coordinator}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
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
    const pages = ['/account', '/people', '/api-keys', '/audit', '/use-cases', '/use-cases/digits-of-phones'];
    for (const place of pages) {
      await owner!.visit(place);
      await owner!.page.getByRole('main').locator('.page-title').first().waitFor();
      expect([place, await owner!.barriers()]).toEqual([place, []]);
    }
    const stranger = await scene.stranger();
    for (const place of ['/sign-in', '/join?token=none', '/people']) {
      await stranger.visit(place);
      await stranger.page.getByRole('main').getByRole('heading').first().waitFor();
      expect([place, await stranger.barriers()]).toEqual([place, []]);
    }
    for (const visitor of [owner!, researcher!, viewer!, stranger]) expect(visitor.complaints).toEqual([]);
  }, 120_000);
});
