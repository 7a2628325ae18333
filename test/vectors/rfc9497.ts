import { Rfc9497File, checkRfc9497Vector, hasRfc9497Suite, rfc9497SuiteName, type Engine } from '#credential';

import type { Tally } from './report.js';

/**
 * Runs a file in the form of RFC 9497's authors (`allVectors.json`), a line a vector. It passes when it holds on each
 * engine that has its group.
 *
 * @param content  the parsed JSON
 * @throws ZodError when it has another form
 */
export function runRfc9497(content: unknown, print: (line: string) => void, engines: readonly Engine[]): Tally {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of Rfc9497File.parse(content)) {
    suite.vectors.forEach((vector, i) => {
      const name = `${rfc9497SuiteName(suite)} vector ${i + 1}, batch ${vector.Batch}`;
      const having = engines.filter((engine) => hasRfc9497Suite(suite, engine));
      if (having.length === 0) {
        tally.skipped++;
        return print(`skip  ${name}: suite not built`);
      }
      const findings = having.flatMap((engine) =>
        checkRfc9497Vector(suite, vector, engine).map((finding) => `${engine.name}: ${finding}`),
      );
      tally[findings.length === 0 ? 'passed' : 'failed']++;
      print(findings.length === 0 ? `ok    ${name}` : `FAIL  ${name}: ${findings.join('; ')}`);
    });
  }
  return tally;
}
