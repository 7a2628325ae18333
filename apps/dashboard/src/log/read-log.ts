import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

import {
  decodeEntries,
  decodeManifest,
  treeHeadMessage,
  type Manifest,
  type ManifestReply,
  type TreeHeadReply,
  type UseCaseView,
} from '#protocol';

/** @throws Error with a sentence for people */
async function fetched(path: string): Promise<Response> {
  const response = await fetch(path, { cache: 'no-cache' }).catch((cause: unknown) => {
    throw new Error('The coordinator does not answer.', { cause });
  });
  if (response.status === 404) throw new Error('The log does not have that, or is still empty.');
  if (!response.ok) throw new Error(`The coordinator answered ${response.status}.`);
  return response;
}

export const fetchHead = async (): Promise<TreeHeadReply> =>
  (await (await fetched('/v1/log/head')).json()) as TreeHeadReply;

/** Leaves 256 · tile and on. */
export const fetchLeaves = async (tile: number): Promise<Uint8Array[]> =>
  decodeEntries(await bytesOf(`/v1/log/entries/${tile}`));

/** Hashes of the same leaves, as the coordinator's tree has them. */
export async function fetchLeafHashes(tile: number): Promise<Uint8Array[]> {
  const bytes = await bytesOf(`/v1/log/tile/0/${tile}`);
  return Array.from({ length: Math.floor(bytes.length / 32) }, (_, i) => bytes.subarray(32 * i, 32 * i + 32));
}

/** SHA-256 of each update's header that counts. */
export async function fetchAcceptedList(roundId: string): Promise<Uint8Array[]> {
  const bytes = await bytesOf(`/v1/rounds/${encodeURIComponent(roundId)}/accepted`);
  return Array.from({ length: Math.floor(bytes.length / 32) }, (_, i) => bytes.subarray(32 * i, 32 * i + 32));
}

const bytesOf = async (path: string): Promise<Uint8Array> => new Uint8Array(await (await fetched(path)).arrayBuffer());

/** A manifest's bytes by the digest that the log has of it. */
export async function fetchManifest(digest: Uint8Array): Promise<Uint8Array> {
  const { manifest } = (await (await fetched(`/v1/manifests/${bytesToHex(digest)}`)).json()) as ManifestReply;
  return hexToBytes(manifest);
}

/** Of any use case that is live: all of a deployment name the same log. */
export async function fetchAnyManifest(): Promise<Manifest> {
  const useCases = (await (await fetched('/v1/use-cases')).json()) as readonly UseCaseView[];
  const live = useCases.find(({ state }) => state === 'live');
  if (live === undefined) throw new Error('No use case is live yet, and so nothing is in the log.');
  const reply = (await (
    await fetched(`/v1/use-cases/${encodeURIComponent(live.id)}/manifest`)
  ).json()) as ManifestReply;
  return decodeManifest(hexToBytes(reply.manifest));
}

/** Whether the log's key, which manifests name, signed the head. */
export function isSignedHead(
  head: TreeHeadReply,
  { audience, logKey }: Pick<Manifest, 'audience' | 'logKey'>,
): boolean {
  const message = treeHeadMessage(audience, { ...head, root: hexToBytes(head.root) });
  try {
    return ed25519.verify(hexToBytes(head.signature), message, logKey, { zip215: false });
  } catch {
    return false;
  }
}

export { sha256 };
