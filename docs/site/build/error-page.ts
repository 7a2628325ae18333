import { CLIENT_CODES } from '#client';
import { COORDINATOR_CODES, HTTP_STATUS, INTAKE_CODES, ISSUER_CODES, type ProtocolCode } from '#protocol';

import type { Page } from './pages.js';

/** What researchers can be told beyond what docs/wire.md says of devices. */
const RESEARCHERS: Partial<Record<ProtocolCode, readonly [when: string, then: string]>> = {
  unauthorized: ['no API key, a wrong one or a revoked one', 'use another key'],
  forbidden: ['the API key has not the scope', 'use a key with the scope, or make one'],
  use_case_exists: ['a use case has this id', 'choose another id'],
  bad_strategy: [
    'the strategy, noise or clipping cannot be had together, or with these numbers',
    'change what the sentence names',
  ],
  budget_spent: ['the rounds could cost more than ε_max', 'start as many as the sentence says, or none'],
  wrong_state: ['the round or use case is not in a state for this', 'look at its state first'],
  too_large: ['a body beyond what the route takes', 'send less'],
};

/** A row of a table of refusals in docs/wire.md. */
const ROW = /^\| `(\w+)` \| \d+ \|([^|]*)\|([^|]*)\|$/;

/**
 * The reference of codes: names and statuses are the code's, meanings those of docs/wire.md.
 *
 * @param wire  docs/wire.md
 * @param client  libs/client/src/errors.ts, where each code has its comment
 * @throws Error for a code without a meaning
 */
export function errorPage(wire: string, client: string): Page {
  const section = (title: string, intro: string, codes: readonly ProtocolCode[]): string =>
    [
      `## ${title}\n\n${intro}\n\n| code | status | when | then |\n|---|---:|---|---|`,
      ...codes.map((code) => row(wire, title, code)),
    ].join('\n');
  const text = `# Error codes

Every refusal has a code from a closed list and a sentence that says what to do next. Over HTTP it has the status of the
table; over sockets the code comes alone. Treat a code that you do not know as \`internal\`. The lists are those of
\`libs/protocol/src/errors.ts\`.

${section('Issuer', 'Says no to enrolment and to requests for tokens.', ISSUER_CODES)}

${section('Intake', 'Says no to submissions. The dashboard and `round show` count these per round.', INTAKE_CODES)}

${section('Coordinator', 'Says no to reads of devices and to what researchers ask for.', COORDINATOR_CODES)}

## On the device

What the device library throws is a \`ClientError\` with one of these codes. A device that cannot go on says so; it never sends
an update instead.

| code | when |
|---|---|
${CLIENT_CODES.map((code) => `| \`${code}\` | ${clientMeaning(client, code)} |`).join('\n')}
`;
  return { path: 'reference/errors', text };
}

function row(wire: string, who: string, code: ProtocolCode): string {
  const [when, then] = meanings(wire.split(`### ${who}`)[1] ?? '').get(code) ?? RESEARCHERS[code] ?? missing(code);
  const next = then || 'ask for something that is there';
  return `| \`${code}\` | ${HTTP_STATUS[code]} | ${when || WHEN[code] || missing(code)} | ${next} |`;
}

/** Where the protocol's document thinks that the name says it all. */
const WHEN: Partial<Record<ProtocolCode, string>> = {
  unknown_use_case: 'no use case has this name',
  quota_exhausted: 'the device has all the tokens of the epoch that it may have',
  rate_limited: 'asked too often',
  overloaded: 'too much is going on at this moment',
  internal: 'something broke; the log of the process says what',
  round_closed: 'the round is over, or full',
  norm_exceeded: 'the update is longer than the clip',
  malformed_message: 'a field too many, too few or of another form',
  no_open_round: 'no round of this use case is open',
};

function meanings(section: string): Map<string, readonly [string, string]> {
  const end = section.search(/^#{2,3} /m);
  const lines = (end < 0 ? section : section.slice(0, end)).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, code, when, then] = ROW.exec(line) ?? [];
      return code === undefined ? [] : [[code, [when!.trim(), then!.trim()] as const] as const];
    }),
  );
}

function clientMeaning(source: string, code: string): string {
  const [, comment] = new RegExp(String.raw`/\*\* ([^*]+) \*/\n\s+'${code}',`).exec(source) ?? [];
  return comment ?? missing(code);
}

function missing(code: string): never {
  throw new Error(`the code ${code} has no meaning for the reference: say in docs/wire.md what it means`);
}
