import { setTimeout as sleep } from 'node:timers/promises';

import type { CDPSession, Page } from 'playwright-core';

import { launchBrowser } from '../browser/chromium.js';
import { addSubmissions, makeRounds } from '../fixtures/many-rounds.js';
import { startTestServer } from '../fixtures/postgres.js';
import { startStarling, type TestStarling } from '../fixtures/starling.js';

export interface DashboardBench {
  readonly rounds: number;
  /** whose updates come in while the page is open */
  readonly devices: number;
}

export interface DashboardResult extends DashboardBench {
  /** until the list of rounds has a row */
  readonly firstListMs: number;
  readonly firstBytes: number;
  readonly seconds: number;
  /** of more than 50 ms each, in those seconds */
  readonly longTasks: number;
  /** of one processor: what the page's main thread took of it */
  readonly busyShare: number;
  /** of the time, that in which nothing could be pressed: what long tasks took beyond 50 ms each */
  readonly blockedShare: number;
  /** from a press to the next frame */
  readonly pressMs: number;
  /** from scrolling by a page of rows to rows being there */
  readonly scrollMs: number;
  /** asked of the coordinator from the first list on */
  readonly requests: number;
  /** while counts come in, HTTP and events together */
  readonly bytesPerSecond: number;
  readonly accepted: number;
}

const SECONDS = 20;
const TICK_MS = 250;
/** Until the coordinator has told all who listen of the rounds that were made. */
const SETTLED_MS = 15_000;

/** A page that is open while a round of many devices goes on, with many rounds behind it. */
export async function benchDashboard(
  bench: DashboardBench,
  onProgress: (text: string) => void,
): Promise<DashboardResult> {
  onProgress('starting');
  const stopServer = await startTestServer();
  const starling = await startStarling({ without: ['worker', 'intake', 'issuer'] }).catch(async (error: unknown) => {
    await stopServer();
    throw error;
  });
  const browser = await launchBrowser();
  try {
    onProgress(`making ${bench.rounds} rounds`);
    const useCase = await makeRounds(starling.database, bench);
    await sleep(SETTLED_MS);
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    return { ...bench, ...(await measure({ starling, page, useCase }, bench, onProgress)) };
  } finally {
    await browser.close();
    await starling.stop();
    await stopServer();
  }
}

interface Seen {
  readonly starling: TestStarling;
  readonly page: Page;
  readonly useCase: string;
}

async function measure(seen: Seen, { devices }: DashboardBench, onProgress: (text: string) => void) {
  const { starling, page, useCase } = seen;
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const traffic = await countBytes(page, session);
  await page.addInitScript(WATCH);
  await page.goto(`${starling.coordinator}/ui/?use-case=${useCase}`);
  await page.locator('.rounds-row').first().waitFor({ timeout: 120_000 });
  const firstListMs = (await page.evaluate('window.firstList')) as number;
  await page.waitForTimeout(2000);
  const firstBytes = traffic();
  let requests = 0;
  page.on('request', (request) => void (request.url().includes('/v1/') && (requests += 1)));
  await page.evaluate('void (window.longTasks.length = 0)');
  onProgress(`${devices} devices send for ${SECONDS} s`);
  const [began, busyBefore] = [performance.now(), await busySeconds(session)];
  const coming = send(seen, devices);
  const pressMs = await worst(page, 8, PRESS);
  const scrollMs = await worst(page, 8, SCROLL);
  const accepted = await coming;
  const seconds = (performance.now() - began) / 1000;
  const busyShare = ((await busySeconds(session)) - busyBefore) / seconds;
  const tasks = (await page.evaluate('window.longTasks')) as number[];
  const blockedMs = tasks.reduce((sum, ms) => sum + ms - 50, 0);
  return {
    firstListMs: Math.round(firstListMs),
    firstBytes,
    seconds: Math.round(seconds),
    requests,
    longTasks: tasks.length,
    busyShare,
    blockedShare: blockedMs / (1000 * seconds),
    pressMs,
    scrollMs,
    bytesPerSecond: Math.round((traffic() - firstBytes) / seconds),
    accepted,
  };
}

/** A few updates every quarter of a second. @returns how many */
async function send({ starling: { database }, useCase }: Seen, devices: number): Promise<number> {
  const ticks = (1000 * SECONDS) / TICK_MS;
  const each = Math.ceil(devices / ticks);
  const began = performance.now();
  let sent = 0;
  for (let tick = 1; tick <= ticks; tick++) {
    const now = Math.min(each, devices - sent);
    await addSubmissions(database, useCase, sent, now);
    sent += now;
    await sleep(Math.max(0, began + tick * TICK_MS - performance.now()));
  }
  return sent;
}

/** HTTP answers with their headers, and events. @returns how many bytes so far */
async function countBytes(page: Page, session: CDPSession): Promise<() => number> {
  let bytes = 0;
  page.on('requestfinished', async (request) => {
    const { responseBodySize, responseHeadersSize } = await request.sizes();
    bytes += responseBodySize + responseHeadersSize;
  });
  session.on('Network.webSocketFrameReceived', ({ response }) => void (bytes += response.payloadData.length));
  await session.send('Network.enable');
  return () => bytes;
}

/** What the page's main thread took of a processor, s: on a busy machine it says more than what a clock does. */
async function busySeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
}

async function worst(page: Page, times: number, script: string): Promise<number> {
  let most = 0;
  for (let i = 0; i < times; i++) {
    most = Math.max(most, (await page.evaluate(script)) as number);
    await page.waitForTimeout(800);
  }
  return Math.round(most);
}

const WATCH = `
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask', buffered: true });
  const look = () => document.querySelector('.rounds-row') ? (window.firstList = performance.now()) : requestAnimationFrame(look);
  requestAnimationFrame(look);`;

/** Opens and closes what explains a figure. */
const PRESS = `new Promise((resolve) => {
  const began = performance.now();
  document.querySelector('.explain').click();
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const took = performance.now() - began;
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    resolve(took);
  }));
})`;

const SCROLL = `new Promise((resolve) => {
  const table = document.querySelector('.rounds-table');
  const began = performance.now();
  table.scrollTop += 528;
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - began)));
})`;

export const describeDashboard = (result: DashboardResult): string => `
${result.rounds} rounds, ${result.devices} devices of which ${result.accepted} sent in ${result.seconds} s

first list            ${result.firstListMs} ms, ${Math.round(result.firstBytes / 1000)} kB
long tasks            ${result.longTasks}
busy                  ${(100 * result.busyShare).toFixed(1)} % of a processor
blocked               ${(100 * result.blockedShare).toFixed(2)} % of the time
press to frame        ${result.pressMs} ms at most
scroll to frame       ${result.scrollMs} ms at most
transferred           ${(result.bytesPerSecond / 1000).toFixed(1)} kB a second, ${result.requests} requests
`;
