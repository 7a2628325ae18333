import { createHash } from 'node:crypto';

import { encodeLogLeaf, equalBytes, subjectOf, type LogLeaf } from '#protocol';
import { Frontier, frontierNodes, leafHash, type TreeNode } from '#transparency';

import { StorageError, type Client } from '../database/index.js';

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** Held until the transaction ends: positions are dense, and a head is of a log that stands still. */
export const lockLog = (client: Client): Promise<unknown> =>
  client.query("select pg_advisory_xact_lock(hashtext('starling log'))");

/**
 * Appends leaves in the caller's transaction. A leaf that the log has keeps its place, so a fact may be
 * announced twice.
 *
 * @returns their positions
 * @throws StorageError `contradiction` where the log says something else about the same subject
 */
export async function appendLeaves(client: Client, leaves: readonly LogLeaf[]): Promise<number[]> {
  await lockLog(client);
  const frontier = await readFrontier(client);
  const positions: number[] = [];
  for (const leaf of leaves) positions.push((await findLeaf(client, leaf)) ?? (await append(client, frontier, leaf)));
  return positions;
}

/** The log as it is; to be asked for under the lock. */
export async function readFrontier(client: Client): Promise<Frontier> {
  const { rows } = await client.query<{ size: number }>(
    'select coalesce(max(position) + 1, 0)::float8 as size from log.entry',
  );
  const { size } = rows[0]!;
  const nodes = frontierNodes(size);
  const found = await client.query<{ hash: Uint8Array }>(
    `select n.hash from unnest($1::smallint[], $2::bigint[]) as t (level, index) join log.node n using (level, index)
      order by level desc`,
    [nodes.map(({ level }) => level), nodes.map(({ index }) => index)],
  );
  return new Frontier(sha256, { size, hashes: found.rows.map(({ hash }) => hash) });
}

async function findLeaf(client: Client, leaf: LogLeaf): Promise<number | undefined> {
  const subject = subjectOf(leaf);
  const { rows } = await client.query<{ position: number; leaf: Uint8Array }>(
    'select position::float8 as position, leaf from log.entry where subject = $1',
    [subject],
  );
  if (rows[0] === undefined) return undefined;
  if (equalBytes(rows[0].leaf, encodeLogLeaf(leaf))) return rows[0].position;
  throw new StorageError('contradiction', `leaf ${rows[0].position} says something else about: ${subject}`);
}

async function append(client: Client, frontier: Frontier, leaf: LogLeaf): Promise<number> {
  const [position, bytes] = [frontier.size, encodeLogLeaf(leaf)];
  await client.query('insert into log.entry (position, subject, leaf) values ($1, $2, $3)', [
    position,
    subjectOf(leaf),
    bytes,
  ]);
  await insertNodes(client, frontier.append(leafHash(sha256, bytes)));
  return position;
}

async function insertNodes(client: Client, nodes: readonly TreeNode[]): Promise<void> {
  await client.query(
    'insert into log.node (level, index, hash) select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])',
    [nodes.map(({ level }) => level), nodes.map(({ index }) => index), nodes.map(({ hash }) => hash)],
  );
}
