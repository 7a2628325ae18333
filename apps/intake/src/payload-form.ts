import { encodingOf, FIGURES_BYTES, FiguresCheck, type Measure, type UpdateCheck } from '#learning';
import { encodingOfManifest, FIGURES_ENCODING, parameterCount, payloadLength, type Manifest } from '#protocol';

/** What a round takes: its record says whether devices train in it or measure its model. */
export interface Purpose {
  readonly isEvaluation: boolean;
}

/** What a header must say of its payload. */
export interface PayloadForm {
  readonly encoding: number;
  readonly weightLevels: number;
  readonly payloadLength: number;
  /** for people */
  readonly name: string;
}

export function formOf({ isEvaluation }: Purpose, manifest: Manifest): PayloadForm {
  if (isEvaluation) {
    return { encoding: FIGURES_ENCODING, weightLevels: 1, payloadLength: FIGURES_BYTES, name: 'loss and accuracy' };
  }
  return {
    encoding: manifest.encoding,
    weightLevels: manifest.weightLevels.length,
    payloadLength: payloadLength(manifest),
    name: nameOf(manifest),
  };
}

/** Judges a payload of that form while its bytes arrive. */
export function checkOf(
  { isEvaluation, clip }: Purpose & { readonly clip: number },
  manifest: Manifest,
  measure: Measure,
): UpdateCheck {
  if (isEvaluation) return new FiguresCheck();
  const encoding = encodingOf(encodingOfManifest(manifest), parameterCount(manifest));
  return encoding.check({ scale: manifest.scale, clip }, measure);
}

function nameOf(manifest: Manifest): string {
  const choice = encodingOfManifest(manifest);
  return typeof choice === 'object' ? `the ${choice.topK} largest` : choice;
}
