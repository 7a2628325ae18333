import { readRunning } from '../stack/running.js';
import { bad, ok, warn, type Finding } from './finding.js';

const PATIENCE_MS = 3000;
/** HTTP's date has no fractions: what is below this is not seen. */
const SKEW_MS = 2000;
const NAMES = ['issuer', 'intake', 'coordinator', 'worker'] as const;

/** @param now  unix ms */
export async function lookAtProcesses(directory: string, now: () => number): Promise<Finding[]> {
  const running = await readRunning(directory);
  if (running === undefined) return [warn('processes', `Nothing runs in ${directory}.`, 'Start it: npx starling up.')];
  const findings = await Promise.all(NAMES.map((name) => lookAtProcess(name, running[name], now)));
  return findings.flat();
}

export async function lookAtProcess(name: string, url: string, now: () => number): Promise<Finding[]> {
  const log = `Look at its log, ${name}.log.`;
  try {
    const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const { status } = (await answer.json()) as { readonly status: string };
    const skew = Math.abs(Date.parse(answer.headers.get('date') ?? '') - now());
    const state = answer.ok ? ok(name, `ready at ${url}`) : bad(name, `It is ${status}.`, `${adviceOn(status)} ${log}`);
    return skew > SKEW_MS ? [state, clockFinding(name, skew)] : [state];
  } catch {
    return [
      bad(name, `It gives no answer at ${url}.`, `${log} It is started again by itself; if not, restart starling up.`),
    ];
  }
}

const clockFinding = (name: string, skewMs: number): Finding =>
  warn('clocks', `The clock of ${name} is ${(skewMs / 1000).toFixed(0)} s off this one.`, 'Let both follow NTP.');

function adviceOn(reason: string): string {
  if (reason.includes('PostgreSQL') || reason.includes('database')) return 'See what is said of the database.';
  if (reason.includes('room')) return 'Make room on the disk.';
  return 'Wait a moment, and ask again.';
}
