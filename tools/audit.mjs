/*
 * Known weaknesses of what is shipped: `npm audit` on production dependencies, failing on high and critical ones.
 * A registry that has no such list, or cannot be reached, cannot be asked: this says so loudly, and does not fail.
 */
import { spawnSync } from 'node:child_process';

const { stdout, stderr } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  timeout: 120_000,
  maxBuffer: 2 ** 26,
});
const report = parse(stdout);
const counts = report?.metadata?.vulnerabilities;
if (counts === undefined) {
  const why = report?.message ?? report?.error?.summary ?? stderr.trim().split('\n')[0] ?? 'npm said nothing';
  console.warn(`\n!!! NOT AUDITED: the registry could not be asked for known weaknesses (${why || 'no answer'}).`);
  console.warn('!!! Run "npm audit --omit=dev" where it can, before anything is shipped.\n');
} else {
  const grave = counts.high + counts.critical;
  console.log(
    `audit: ${counts.critical} critical, ${counts.high} high, ${counts.moderate} moderate, ${counts.low} low`,
  );
  for (const { name, severity, range } of Object.values(report.vulnerabilities ?? {})) {
    if (severity === 'high' || severity === 'critical') console.error(`${severity}: ${name} ${range}`);
  }
  process.exitCode = grave > 0 ? 1 : 0;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
