import { hexToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';

import { suiteOf, type CredentialSuite, type Hashes } from '#credential';
import { decodeManifest, hex, type Manifest } from '#protocol';

import { ask, type Asker } from './ask.js';
import { ClientError } from './errors.js';
import { brokenFloor, type Floors } from './floors.js';
import { isSigned } from './signature.js';

/** A manifest that the pinned deployment key signed, and what follows from it. */
export interface PinnedManifest {
  readonly manifest: Manifest;
  /** SHA-256 of its canonical bytes: round records name it */
  readonly digest: Uint8Array;
  readonly suite: CredentialSuite;
  /** SHA-256 of the manifest before: rounds that opened under it may still run */
  readonly formerDigest?: Uint8Array;
}

/** Issuer and coordinator serve it so, by use case and by digest. */
export const ManifestReply = z.object({
  manifest: z
    .string()
    .max(2 ** 20)
    .regex(/^([0-9a-f]{2})+$/),
  signature: hex(64),
});

/**
 * Fetches a use case's manifest and checks it: everything else a device believes follows from it.
 *
 * @param deploymentKey  Ed25519, hex; came with the app, not over the network
 * @throws ClientError `untrusted_manifest`, and those of `ask`
 */
export async function fetchManifest(
  asker: Asker & { readonly hashes: Hashes },
  {
    url,
    useCase,
    deploymentKey,
    floors,
  }: {
    /** base URL of issuer or coordinator: both serve it */
    readonly url: string;
    readonly useCase: string;
    readonly deploymentKey: string;
    readonly floors?: Floors;
  },
): Promise<PinnedManifest> {
  const question = () => ({ url: `${url}/v1/use-cases/${useCase}/manifest` });
  const reply = await ask(asker, question, ManifestReply);
  const bytes = hexToBytes(reply.manifest);
  if (!isSigned(hexToBytes(reply.signature), bytes, hexToBytes(deploymentKey), asker.verify)) {
    throw new ClientError('untrusted_manifest', 'the manifest is not signed by the pinned deployment key');
  }
  const manifest = decode(bytes);
  if (manifest.useCase !== useCase) {
    throw new ClientError(
      'untrusted_manifest',
      `asked for the manifest of ${useCase}, got that of ${manifest.useCase}`,
    );
  }
  const broken = brokenFloor(manifest, floors);
  if (broken !== undefined) throw new ClientError('untrusted_manifest', `this device wants more: ${broken}`);
  return { manifest, digest: asker.hashes.sha256(bytes), suite: knownSuite(manifest.suite) };
}

function decode(bytes: Uint8Array): Manifest {
  try {
    return decodeManifest(bytes);
  } catch (cause) {
    throw new ClientError('untrusted_manifest', 'the manifest breaks a rule of manifests', { cause });
  }
}

function knownSuite(id: string): CredentialSuite {
  try {
    return suiteOf(id);
  } catch (cause) {
    throw new ClientError('untrusted_manifest', `the manifest names the suite ${id}, which this device does not know`, {
      cause,
    });
  }
}
