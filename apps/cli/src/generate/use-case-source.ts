import type { Blueprint } from './blueprint.js';

/** `src/use-case.ts`: facts of the manifest, as constants with the narrowest types. */
export function useCaseSource(blueprint: Blueprint): string {
  const { deployment, manifest, digest, encoding, places, dimension, payloadBytes } = blueprint;
  const { issuer, coordinator, intake, deploymentKey } = deployment;
  const text = JSON.stringify;
  const rows = places.map(
    ({ name, shape, offset, length }) =>
      `  { name: ${text(name)}, shape: [${shape.join(', ')}], offset: ${offset}, length: ${length} },`,
  );
  return `/** The use case ${manifest.useCase}, as its manifest of version ${manifest.version} says it. Generated; generate it again rather than change it. */

/** The Ed25519 key that signed the manifest, hex. Everything that this device believes follows from it. */
export const DEPLOYMENT_KEY = ${text(deploymentKey)};
/** SHA-256 of the manifest that this was read from, hex. */
export const MANIFEST_DIGEST = ${text(digest)};

export const USE_CASE = {
  useCase: ${text(manifest.useCase)},
  coordinator: ${text(coordinator)},
  issuer: ${text(issuer)},
  intake: ${text(intake)},
  deploymentKey: DEPLOYMENT_KEY,
} as const;

/** The model's tensors in the order of its numbers. */
export const LAYOUT = [
${rows.join('\n')}
] as const;
export type TensorName = (typeof LAYOUT)[number]['name'];

/** Numbers of the model, and of an update. */
export const DIMENSION = ${dimension};
/** L2 norm that a change is cut down to; a round of an adaptive task says its own. */
export const CLIP = ${manifest.clipMicros / 1e6};
/** A number travels as round(SCALE · x). */
export const SCALE = ${manifest.scale};
export const ENCODING = ${text(encoding)} as const;
/** Bytes of an update. */
export const PAYLOAD_BYTES = ${payloadBytes};
/** Devices that must hold a token for a round, or this one sits it out. */
export const K_MIN = ${manifest.kMin};
/** An update leaves a random part of so many ms after the training. */
export const JITTER_MS = ${manifest.jitterMs};
`;
}
