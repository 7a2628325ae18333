import { AcsVectorFile, checkAcsVectors, type AcsList, type AcsResult, type Engine } from '#credential';

import { summary, type Tally } from './report.js';

/**
 * Runs a file of ACS test vectors (`acs-interop-vectors/1`): a line for each list and each vector that fails. A vector
 * passes when it holds on each engine that has its group.
 *
 * @param content  the parsed JSON
 * @throws ZodError when it has another form
 */
export function runAcs(content: unknown, print: (line: string) => void, engines: readonly Engine[]): Tally {
  const file = AcsVectorFile.parse(content);
  const tallies = new Map<AcsList, Tally>();
  for (const { list, name, findings } of together(file, engines)) {
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

/** Each vector once, with what every engine found. */
function together(file: AcsVectorFile, engines: readonly Engine[]): AcsResult[] {
  const [first = [], ...others] = engines.map((engine) =>
    Array.from(checkAcsVectors(file, engine), ({ findings, ...vector }) => ({
      ...vector,
      findings: findings?.map((finding) => `${engine.name}: ${finding}`),
    })),
  );
  return first.map(({ findings, ...vector }, i) => {
    const all = [findings, ...others.map((results) => results[i]?.findings)].filter((found) => found !== undefined);
    return { ...vector, findings: all.length === 0 ? undefined : all.flat() };
  });
}
