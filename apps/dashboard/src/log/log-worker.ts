import { bytesToHex } from '@noble/hashes/utils.js';

import { equalBytes, type LogLeaf } from '#protocol';
import { merkleRoot, TILE_WIDTH, tileOf } from '#transparency';

import { decoded, LeafTeller } from './leaf-words.js';
import type { AcceptedVerdict, LeafView, LogAnswers, LogQuestion, LogReply, RecentLog } from './log-messages.js';
import { fetchAcceptedList, fetchAnyManifest, fetchHead, fetchLeaves, isSignedHead, sha256 } from './read-log.js';
import { verifyLog } from './verify-log.js';

const RECENT = 100;

const post = (reply: LogReply): void => self.postMessage(reply);

self.addEventListener('message', ({ data: { id, question } }: MessageEvent<{ id: number; question: LogQuestion }>) => {
  const onProgress = (done: number, total: number) => post({ id, type: 'progress', done, total });
  answer(question, onProgress).then(
    (answer) => post({ id, type: 'answer', answer }),
    (error: Error) => post({ id, type: 'failed', problem: error.message }),
  );
});

function answer(
  question: LogQuestion,
  onProgress: (done: number, total: number) => void,
): Promise<LogAnswers[keyof LogAnswers]> {
  switch (question.kind) {
    case 'recent':
      return recent(question.pinnedKey);
    case 'round':
      return leavesOfRound(question.roundId);
    case 'verify':
      return verifyLog(question.remembered, onProgress);
    case 'accepted':
      return checkAccepted(question.roundId);
  }
}

async function recent(pinnedKey: string | null): Promise<RecentLog> {
  const [head, { audience, logKey }] = [await fetchHead(), await fetchAnyManifest()];
  const { size, root, timestamp } = head;
  const key = bytesToHex(logKey);
  const isKnownKey = pinnedKey === null ? null : pinnedKey === key;
  const isSigned = isSignedHead(head, { audience, logKey });
  const teller = new LeafTeller();
  const leaves: LeafView[] = [];
  // The tile before, too: the newest one may have just begun.
  const newest = tileOf(Math.max(0, size - 1));
  for (const tile of newest > 0 ? [newest - 1, newest] : [newest]) {
    for (const [i, leaf] of (await fetchLeaves(tile)).entries()) {
      const position = tile * TILE_WIDTH + i;
      if (position < size - RECENT) teller.hear(leaf);
      else if (position < size) leaves.push(teller.tell(position, leaf));
    }
  }
  return { head: { size, root, timestamp, isSigned, logKey: key, isKnownKey }, leaves: leaves.reverse() };
}

/** From the end backwards: a round's record comes before whatever ends it. */
async function leavesOfRound(roundId: string): Promise<readonly LeafView[]> {
  const found: LeafView[] = [];
  await backwards(async (leaves, start, teller) => {
    const told = leaves.map((leaf, i) => teller.tell(start + i, leaf)).filter((leaf) => leaf.roundId === roundId);
    found.unshift(...told);
    return told.some(({ kind }) => kind === 'Round');
  });
  return found;
}

async function checkAccepted(roundId: string): Promise<AcceptedVerdict> {
  const list = await fetchAcceptedList(roundId);
  const problems: string[] = [];
  let end: { position: number; leaf: LogLeaf } | undefined;
  await backwards(async (leaves, start, teller) => {
    const told = leaves.map((leaf, i) => ({ view: teller.tell(start + i, leaf), leaf: decoded(leaf)! }));
    const ours = told.filter(({ view }) => view.roundId === roundId);
    const last = ours.find(({ leaf }) => leaf.kind === 'result' || leaf.kind === 'evaluation');
    if (last !== undefined) end = { position: last.view.position, leaf: last.leaf };
    return ours.some(({ leaf }) => leaf.kind === 'round');
  });
  if (end === undefined || !('acceptedRoot' in end.leaf))
    return {
      listed: list.length,
      logged: null,
      position: null,
      problems: ['The log has no result of this round yet.'],
    };
  const { accepted, acceptedRoot } = end.leaf;
  if (list.length !== accepted) problems.push(`The log says ${accepted} updates, and the list has ${list.length}.`);
  if (!equalBytes(merkleRoot(sha256, list), acceptedRoot)) problems.push('The list is not the one that the log names.');
  if (list.some((one, i) => i > 0 && bytesToHex(list[i - 1]!) >= bytesToHex(one)))
    problems.push('The list is out of order, or has an update twice.');
  return { listed: list.length, logged: accepted, position: end.position, problems };
}

/** Two tiles at a time, so that an end is seen with the record that is in the tile before. */
async function backwards(
  look: (leaves: readonly Uint8Array[], start: number, teller: LeafTeller) => Promise<boolean>,
): Promise<void> {
  const { size } = await fetchHead();
  const teller = new LeafTeller();
  let later: readonly Uint8Array[] = [];
  for (let tile = tileOf(Math.max(0, size - 1)); tile >= 0; tile--) {
    const leaves = await fetchLeaves(tile);
    if (await look([...leaves, ...later], tile * TILE_WIDTH, teller)) return;
    later = leaves;
  }
}
