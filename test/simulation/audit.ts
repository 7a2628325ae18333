import { decodeSafetensors } from '#learning';
import { ModelStore } from '#storage/bodies';

import { sha256 } from '../fixtures/device.js';

import { SCALE } from './premises.js';
import { Violation, type Sent, type World } from './world.js';

interface RoundRow {
  readonly id: string;
  readonly state: string;
  readonly accepted: number | null;
  readonly modelIn: Uint8Array;
  readonly modelOut: Uint8Array;
}

const ROUNDS = `
  select id, state, accepted, model_in as "modelIn", model_out as "modelOut"
    from rounds.round where use_case = $1 and state in ('published', 'abandoned', 'frozen')`;

/** Compares the devices' notes with what was published. @returns how many updates were counted */
export async function audit({ premises, useCase, sent }: World): Promise<number> {
  const { rows } = await premises.database.admin.query<RoundRow>(ROUNDS, [useCase]);
  const files = new ModelStore(premises.models);
  let counted = 0;
  for (const round of rows) {
    if (round.state === 'frozen') throw new Violation('a frozen round is not finished');
    if (round.state === 'published') counted += await auditRound(round, sent, files);
  }
  await auditLeaves(premises.database.admin, useCase, sent);
  return counted;
}

/** One for each update with a receipt, one or none where the answer was lost, nothing else. */
async function auditRound(round: RoundRow, sent: readonly Sent[], files: ModelStore): Promise<number> {
  const [before, after] = await Promise.all([round.modelIn, round.modelOut].map((digest) => parameters(files, digest)));
  const sum = after!.map((value, at) => Math.round((value - before![at]!) * round.accepted! * SCALE));
  for (const [coordinate, value] of sum.entries()) {
    const one = sent[coordinate];
    const isHere = one?.roundId === round.id;
    const least = isHere && one.note === 'acknowledged' ? 1 : 0;
    const most = isHere && one.note !== 'refused' ? 1 : 0;
    if (value < least) throw new Violation(`update ${coordinate} has a receipt and was not counted`);
    if (value > most)
      throw new Violation(`update ${coordinate} (${one?.note}) was counted ${value} times, not ${most}`);
  }
  const counted = sum.filter((value) => value === 1).length;
  if (counted !== round.accepted) throw new Violation(`${counted} updates in a sum of ${round.accepted}`);
  return counted;
}

/** The list that the log has of a round is the list of what its devices sent. */
async function auditLeaves(
  admin: World['premises']['database']['admin'],
  useCase: string,
  sent: readonly Sent[],
): Promise<void> {
  const { rows } = await admin.query<{ leaf: Buffer; id: string }>(
    `select f.header_digest as leaf, r.id from rounds.frozen f join rounds.round r on r.id = f.round_id
      where r.use_case = $1 and r.state = 'published'`,
    [useCase],
  );
  const known = new Set(sent.map(({ roundId, submission }) => `${roundId} ${hex(sha256(submission.header))}`));
  const alien = rows.filter(({ id, leaf }) => !known.has(`${id} ${hex(leaf)}`));
  if (alien.length > 0) throw new Violation(`${alien.length} leaves that nobody sent`);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

async function parameters(files: ModelStore, digest: Uint8Array): Promise<number[]> {
  return decodeSafetensors((await files.get(digest))!).flatMap(({ data }) => [...data]);
}
