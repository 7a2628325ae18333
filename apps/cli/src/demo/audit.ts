import { setTimeout as sleep } from 'node:timers/promises';

import type { LogReport } from '#client';

import { audit } from '../log/verify-log.js';

const PATIENCE_MS = 10_000;
const POLL_MS = 100;

/** Audits the log, as anybody can, once the results of all published rounds are under a tree head. */
export async function auditDemo(coordinator: string, deploymentKey: string, published: number): Promise<LogReport> {
  const late = AbortSignal.timeout(PATIENCE_MS);
  for (;;) {
    const report = await audit({ coordinator, deploymentKey });
    if (report.results >= published || late.aborted) return report;
    await sleep(POLL_MS);
  }
}
