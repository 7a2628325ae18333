import { settleClipping, type ClippingScene } from './clipping.js';
import type { PrivacyPlan, PrivacyTerms } from './coordinator-messages.js';

/** The privacy of a task with nothing left open. @throws ProtocolError `bad_strategy` for clipping that cannot work */
export function settlePrivacy(
  privacy: PrivacyPlan | undefined,
  scene: Omit<ClippingScene, 'noiseMultiplier'>,
): PrivacyTerms | undefined {
  if (privacy === undefined) return undefined;
  const { clipping, ...terms } = privacy;
  if (clipping === undefined) return terms;
  return { ...terms, clipping: settleClipping(clipping, { ...scene, noiseMultiplier: terms.noiseMultiplier }) };
}
