import { relative } from 'node:path';

import { percent } from '../output/figures.js';
import { renderFacts } from '../output/table.js';
import type { Attempts, DemoResult } from './result.js';
import { JITTER_MS } from './settings.js';

const attempts = ({ tried, refused }: Attempts): string => `${tried} tried, ${refused} refused`;
const path = (file: string, cwd: string): string => relative(cwd, file) || '.';

/** The end of a demo, for people. @param cwd  to which paths are relative */
export function renderSummary(result: DemoResult, cwd: string): string {
  const { accuracy, rounds, seconds, seed, backend, refusals, vanished, problems } = result;
  const codes = Object.entries(refusals).map(([code, n]) => `${code} ${n}`);
  const { model } = result;
  const paragraphs = [
    `${percent(accuracy)} accuracy after ${rounds} rounds, ${seconds.toFixed(1)} s in all (seed ${seed}, ${backend})`,
    result.centralised === null
      ? undefined
      : `${percent(result.centralised)} with the same training on all examples in one place`,
    model === null
      ? undefined
      : renderFacts([
          ['model', `${result.useCase}, SHA-256 as announced`],
          ['', model.digest],
          ['safetensors', path(model.safetensors, cwd)],
          ['TensorFlow.js', model.layers === null ? '–' : path(model.layers, cwd)],
        ]),
    renderFacts([
      ['devices', result.devices],
      ['tokens', `${result.tokensIssued} issued, ${result.tokensRedeemed} redeemed`],
      ['double spends', attempts(result.doubleSpends)],
      ['forged tokens', attempts(result.forgedTokens)],
      ['wrong shapes', attempts(result.wrongShapes)],
      ['vanished', `${vanished.tried} devices in mid-upload, ${vanished.survived} rounds published without them`],
      ['refusals', codes.join(', ') || 'none'],
    ]),
    verified(result),
    NOT_PROTECTED,
    problems.join('\n') || undefined,
    `dashboard  ${result.dashboard}`,
  ];
  return paragraphs.filter((paragraph) => paragraph !== undefined).join('\n\n');
}

const verified = ({ log }: DemoResult): string =>
  `log verified: ${log.leaves} leaves, ${log.results} results, ${log.problems.length} problems, head root\n${log.root}`;

const NOT_PROTECTED = [
  `Not protected at these settings: with ${JITTER_MS / 1000} s of jitter and tokens fetched just before the rounds,`,
  'whoever sees both issuer and intake can link a device to its update by time; and the worker',
  'sees single updates before it adds them up.',
].join('\n');
