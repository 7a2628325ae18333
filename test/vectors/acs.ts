import { AcsVectorFile, checkAcsVectors, nobleEngine, type AcsList, type Engine } from '#credential';

import { summary, type Tally } from './report.js';

/**
 * Runs a file of ACS test vectors (`acs-interop-vectors/1`): a line for each list and each vector that fails.
 *
 * @param content  the parsed JSON
 * @param engine  the groups to run them over
 * @throws ZodError when it has another form
 */
export function runAcs(content: unknown, print: (line: string) => void, engine: Engine = nobleEngine): Tally {
  const file = AcsVectorFile.parse(content);
  const tallies = new Map<AcsList, Tally>();
  for (const { list, name, findings } of checkAcsVectors(file, engine)) {
    const tally = tallies.get(list) ?? { passed: 0, failed: 0, skipped: 0 };
    tallies.set(list, tally);
    tally[findings === undefined ? 'skipped' : findings.length === 0 ? 'passed' : 'failed']++;
    if (findings !== undefined && findings.length > 0) print(`FAIL  ${list} ${name}: ${findings.join('; ')}`);
  }
  const sum: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const [list, tally] of tallies) {
    print(`${list.padEnd(14)}  ${summary(tally)}`);
    for (const key of ['passed', 'failed', 'skipped'] as const) sum[key] += tally[key];
  }
  return sum;
}
