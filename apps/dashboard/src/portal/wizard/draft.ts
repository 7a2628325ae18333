import type { Layout } from '#learning';

export type ModelKind = 'softmax' | 'mlp' | 'cnn' | 'file' | 'bare';
export type PrivacyKind = 'off' | 'fixed' | 'adaptive' | 'tree' | 'banded';

/** Whether its noise cancels from round to round, for which a device's rounds lie apart. */
export const cancels = (privacy: PrivacyKind): boolean => privacy === 'tree' || privacy === 'banded';

/** A file that the coordinator has by now, by its digest. */
export interface UploadedModel {
  readonly name: string;
  readonly digest: string;
  readonly topology?: string;
  readonly layout: Layout;
}

export interface UploadedSet {
  readonly name: string;
  readonly digest: string;
  readonly examples: number;
}

/** A use case as it is being thought out. Numbers are as they were typed. Holds no secret: it is kept in the browser. */
export interface Draft {
  readonly step: number;
  readonly title: string;
  readonly id: string;
  readonly model: ModelKind;
  readonly inputs: string;
  readonly classes: string;
  readonly hidden: string;
  readonly bare: string;
  readonly uploaded: UploadedModel | null;
  readonly evaluation: UploadedSet | null;
  readonly strategy: string;
  readonly options: Readonly<Record<string, string>>;
  readonly encoding: 'int32' | 'int16' | 'int8' | 'topK';
  readonly topK: string;
  readonly scale: string;
  readonly clip: string;
  readonly privacy: PrivacyKind;
  readonly noiseMultiplier: string;
  readonly delta: string;
  readonly epsilonMax: string;
  readonly separation: string;
  readonly treeEpochs: string;
  readonly kMin: string;
  readonly target: string;
  readonly deadlineSeconds: string;
  readonly jitterMs: string;
  readonly epochSeconds: string;
  readonly slots: string;
  readonly rounds: string;
  readonly accuracy: string;
  readonly patience: string;
  readonly devices: string;
  readonly validDays: string;
}

/** Fields that are text. */
export type TextField = {
  [Name in keyof Draft]: Draft[Name] extends string ? (string extends Draft[Name] ? Name : never) : never;
}[keyof Draft];

export const FRESH: Draft = {
  step: 0,
  title: '',
  id: '',
  model: 'softmax',
  inputs: '28 × 28 × 1',
  classes: '10',
  hidden: '64',
  bare: 'w 784 10\nb 10',
  uploaded: null,
  evaluation: null,
  strategy: 'FedAvg',
  options: {},
  encoding: 'int32',
  topK: '1000',
  scale: '65536',
  clip: '10',
  privacy: 'off',
  noiseMultiplier: '1',
  delta: '0.000001',
  epsilonMax: '8',
  separation: '16',
  treeEpochs: '4',
  kMin: '40',
  target: '50',
  deadlineSeconds: '600',
  jitterMs: '1000',
  epochSeconds: '3600',
  slots: '64',
  rounds: '10',
  accuracy: '',
  patience: '',
  devices: '50',
  validDays: '7',
};

const KEY = 'starling-use-case-draft';

/** Storage may be forbidden, or hold what another version of this page wrote. */
export function readDraft(): Draft {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Partial<Draft>;
    return { ...FRESH, ...kept };
  } catch {
    return FRESH;
  }
}

export function keepDraft(draft: Draft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(draft));
  } catch {
    // as above
  }
}

/** `Digits of a phone` becomes `digits-of-a-phone`. */
export const idOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
