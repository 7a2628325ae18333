/**
 * Prints `wire-own.json`: one submission from the manifest to the receipt, value by value, for whoever writes a client
 * in another language. See SOURCES.md. With `--document` it writes the values into docs/wire.md instead.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToHex, concatBytes } from '@noble/curves/utils.js';

import { DEFAULT_SUITE, deriveTokenKeys, nobleHashes, suiteOf, tokenHash } from '#credential';
import { changeToGrid, encodeEntries, encodeFigures, encodeInt32LE, encodeSafetensors, unflatten } from '#learning';
import {
  encodeEntries as encodeTile,
  encodeHeader,
  encodeInfo,
  encodeLogLeaf,
  encodeManifest,
  encodePermit,
  encodeRoundRecord,
  ENCODING,
  enrolmentMessage,
  issuanceMessage,
  laneMessage,
  MODE,
  receiptMessage,
  tokenRequestBytes,
  transcript,
  treeHeadMessage,
  type Manifest,
  type RoundRecord,
} from '#protocol';
import { merkleRoot } from '#transparency';

import { withValues } from './wire-document.js';

const filled = (byte: number, length: number = 32): Uint8Array => new Uint8Array(length).fill(byte);
/** A suite draws 64 bytes for a scalar: these make the scalar that 32 times this byte is, little-endian. */
const scalarOf = (byte: number) => (): Uint8Array => concatBytes(filled(byte), filled(0));
const { sha256, hmacSha256 } = nobleHashes;
const suite = suiteOf(DEFAULT_SUITE);

/** All that somebody else chooses: keys that anybody can see are examples. */
export const INPUTS = {
  audience: 'starling.example',
  useCase: 'digits',
  code: 'WELCOME',
  deviceId: '6ba7b810-9dad-41d1-80b4-00c04fd430c8',
  epoch: 258,
  slot: 7,
  timestamp: 1_700_929_000_000,
  expires: 1_700_929_060_000,
} as const;

const LAYOUT = [
  { name: 'w', shape: [2, 3] },
  { name: 'b', shape: [3] },
];
const START = Float32Array.of(0.5, -0.5, 0.25, 0, 0, 0, 1, -1, 0);
/** All of them in float32, and two differences half a step of the grid: one goes up to 1, one up to 0. */
const TRAINED = Float32Array.of(0.53125, -0.5302734375, 0.25, 0.00048828125, -0.00048828125, 3, 1, -1.5, 0.125);
const GRID = { scale: 1024, clip: 4 };
/** Whole thousandths: no lot decides. */
const MEASURED = { lossBound: 2.5, figures: { loss: 1, accuracy: 0.75 } };

export interface WireVectors {
  readonly inputs: typeof INPUTS & Readonly<Record<'layout' | 'start' | 'trained' | 'grid' | 'measured', unknown>>;
  /** bytes in hex, by the names that docs/wire.md gives them */
  readonly values: Readonly<Record<string, string>>;
}

/** The file, the same on every machine. */
export function makeWireVectors(): WireVectors {
  const secrets = { deployment: filled(0x11), log: filled(0x12), device: filled(0x13) };
  const primarySecret = suite.generatePrimaryKey(scalarOf(0x04));
  const keys = {
    deployment_key: ed25519.getPublicKey(secrets.deployment),
    log_key: ed25519.getPublicKey(secrets.log),
    primary_key: suite.primaryPublicKey(primarySecret),
    device_key: ed25519.getPublicKey(secrets.device),
  };
  const base = manifestOf(keys.log_key, keys.primary_key);
  const manifest = { manifest: encodeManifest(base.manifest), manifest_digest: sha256(encodeManifest(base.manifest)) };
  const manifest_signature = ed25519.sign(manifest.manifest, secrets.deployment);
  const record = recordOf(base.model_digest, manifest.manifest_digest);
  const logged = logOf(secrets.log, { ...keys, ...manifest, manifest_signature, record });
  const tokens = tokensOf(primarySecret, keys, secrets.device);
  const values: Record<string, Uint8Array> = {
    ...{ deployment_secret: secrets.deployment, log_secret: secrets.log, device_secret: secrets.device },
    ...{ primary_secret: primarySecret, ...keys },
    ...{ model: base.model, model_digest: base.model_digest, ...manifest, manifest_signature },
    ...enrolmentOf(keys.device_key, secrets.device),
    ...tokens,
    ...{ record, record_digest: sha256(record), ...logged },
    ...otherRoundOf(base.model_digest, manifest.manifest_digest),
    ...submissionOf(tokens, sha256(record)),
  };
  const grid = { layout: LAYOUT, start: [...START], trained: [...TRAINED], grid: GRID, measured: MEASURED };
  const hex = Object.entries(values).map(([name, bytes]) => [name, bytesToHex(bytes)]);
  return { inputs: { ...INPUTS, ...grid }, values: Object.fromEntries(hex) as Record<string, string> };
}

function manifestOf(logKey: Uint8Array, publicKey: Uint8Array) {
  const model = encodeSafetensors(unflatten(START, LAYOUT));
  const manifest: Manifest = {
    audience: INPUTS.audience,
    useCase: INPUTS.useCase,
    version: 1,
    suite: suite.id,
    keys: [{ publicKey, firstEpoch: 0 }],
    logKey,
    epochOrigin: 1_700_000_000_000,
    epochSeconds: 3600,
    slots: 64,
    batch: 16,
    quota: 64,
    reuse: 1,
    kMin: 40,
    jitterMs: 600_000,
    encoding: ENCODING.int32,
    scale: GRID.scale,
    clipMicros: 1e6 * GRID.clip,
    strategy: '{"name":"FedAvg"}',
    weightLevels: [1],
    chunkBytes: 262_144,
    uploadDeadlineMs: 60_000,
    initialModel: sha256(model),
    topologyDigest: filled(0),
    layout: LAYOUT,
  };
  return { model, model_digest: sha256(model), manifest };
}

function enrolmentOf(deviceKey: Uint8Array, secret: Uint8Array) {
  const enrolment = enrolmentMessage(INPUTS.audience, INPUTS.useCase, INPUTS.code, deviceKey);
  return { enrolment, enrolment_signature: ed25519.sign(enrolment, secret) };
}

const infoOf = (): Uint8Array => {
  const { useCase, epoch, slot } = INPUTS;
  return encodeInfo({ useCase, suite: suite.id, epoch, slot });
};

function tokensOf(primarySecret: Uint8Array, keys: { readonly primary_key: Uint8Array }, deviceSecret: Uint8Array) {
  const { audience, useCase, deviceId, timestamp, epoch, slot } = INPUTS;
  const info = infoOf();
  const tweaked_key = suite.derivePublicKey(keys.primary_key, info);
  const token = filled(0x14);
  const { state, blinded } = suite.blind([token], { public: tweaked_key, attributes: info }, scalarOf(0x05));
  const token_request = tokenRequestBytes({ epoch, slots: [slot], blinded });
  const nonce = filled(0x15, 16);
  const requestDigest = sha256(token_request);
  const issuance = issuanceMessage({ audience, deviceId, useCase, timestamp, nonce, requestDigest });
  const { evaluated, proof } = suite.evaluate(suite.deriveKeyPair(primarySecret, info), blinded, scalarOf(0x06));
  const prf = suite.finalize(state, evaluated, proof)[0]!;
  const { macKey, receiptKey } = deriveTokenKeys(nobleHashes, prf, info);
  return {
    ...{
      info,
      lane_digest: sha256(laneMessage(useCase, deviceId)),
      tweaked_key,
      token,
      blind: state.blinds[0]!,
      blinded: blinded[0]!,
    },
    ...{ token_request, token_request_digest: requestDigest, nonce, issuance },
    issuance_signature: ed25519.sign(issuance, deviceSecret),
    ...{ evaluated: evaluated[0]!, proof, prf, token_hash: tokenHash(nobleHashes, info, token) },
    ...{ mac_key: macKey, receipt_key: receiptKey },
  };
}

function recordOf(modelDigest: Uint8Array, manifestDigest: Uint8Array, more: Partial<RoundRecord> = {}): Uint8Array {
  return encodeRoundRecord({
    ...{ info: infoOf(), useNo: 0, roundId: filled(0x16, 16), modelDigest, manifestDigest },
    ...{ jitterMs: 600_000, deadlineMs: 1_200_000, min: 40, target: 47, issued: 50, ...more },
  });
}

/** What records of some tasks end with, and what becomes of a round that measures. */
function otherRoundOf(modelDigest: Uint8Array, manifestDigest: Uint8Array) {
  const { lossBound, figures } = MEASURED;
  const evaluation_record = recordOf(modelDigest, manifestDigest, { evaluation: { lossBound } });
  const evaluation_leaf = encodeLogLeaf({
    ...{ kind: 'evaluation', recordDigest: sha256(evaluation_record), acceptedRoot: filled(0x19) },
    ...{ accepted: 40, lossSum: 16_000, accuracySum: 30_000, epsilonMicros: null },
  });
  return {
    clip_record: recordOf(modelDigest, manifestDigest, { clipMicros: 500_000 }),
    ...{ evaluation_record, evaluation_leaf, figures_payload: encodeFigures(figures, lossBound, (n) => filled(0, n)) },
  };
}

function logOf(
  secret: Uint8Array,
  signed: Readonly<Record<'primary_key' | 'manifest_digest' | 'manifest_signature' | 'record', Uint8Array>>,
) {
  const { useCase, audience } = INPUTS;
  const keyDigest = sha256(signed.primary_key);
  const key_leaf = encodeLogLeaf({ kind: 'key', useCase, suite: suite.id, keyDigest, firstEpoch: 0 });
  const { manifest_digest: digest, manifest_signature: signature } = signed;
  const manifest_leaf = encodeLogLeaf({ kind: 'manifest', useCase, version: 1, digest, signature });
  const round_leaf = encodeLogLeaf({ kind: 'round', record: signed.record });
  const leaves = [key_leaf, manifest_leaf, round_leaf];
  const root = merkleRoot(sha256, leaves);
  const tree_head = treeHeadMessage(audience, { size: leaves.length, root, timestamp: INPUTS.timestamp });
  const tree_head_signature = ed25519.sign(tree_head, secret);
  return { key_leaf, manifest_leaf, round_leaf, tile: encodeTile(leaves), root, tree_head, tree_head_signature };
}

function submissionOf(
  tokens: Readonly<Record<'info' | 'token' | 'mac_key' | 'receipt_key', Uint8Array>>,
  recordDigest: Uint8Array,
) {
  const payload = encodeInt32LE(changeToGrid(TRAINED, START, GRID));
  const clipped_payload = encodeInt32LE(changeToGrid(TRAINED, START, { ...GRID, clip: 1 }));
  const { info, token } = tokens;
  const header = encodeHeader({
    ...{ audience: INPUTS.audience, info, token, useNo: 0, recordDigest, mode: MODE.plain },
    ...{ encoding: ENCODING.int32, weightLevel: 0, payloadLength: payload.length, payloadDigest: sha256(payload) },
    sealedSeed: new Uint8Array(),
  });
  const [mac, header_digest] = [hmacSha256(tokens.mac_key, header), sha256(header)];
  const entries = encodeEntries({ indices: Uint32Array.of(0, 5), values: Int32Array.of(32, -1) });
  const permit = encodePermit({ uploadId: filled(0x17, 16), expiresAt: INPUTS.expires, mac: filled(0x18) });
  return {
    ...{ payload, payload_digest: sha256(payload), clipped_payload, top_k_payload: entries },
    ...{ header, header_digest, mac, transcript_digest: sha256(transcript(header, mac)), permit },
    receipt: hmacSha256(tokens.receipt_key, receiptMessage(header_digest)),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const vectors = makeWireVectors();
  const document = fileURLToPath(new URL('../../../docs/wire.md', import.meta.url));
  if (process.argv[2] === '--document')
    writeFileSync(document, withValues(readFileSync(document, 'utf8'), vectors.values));
  else console.log(JSON.stringify(vectors, null, 1));
}
