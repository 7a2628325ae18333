import type { RoundView } from './coordinator-views.js';
import type { EncodingChoice } from './encoding.js';
import type { UseCaseChange } from './use-case-changes.js';

export interface UseCaseView {
  readonly id: string;
  readonly title: string;
  readonly state: 'draft' | 'live';
  readonly kMin: number;
  readonly parameters: number;
  /** no round takes a slot or opens until its rounds are resumed */
  readonly paused: boolean;
  readonly encoding: EncodingChoice;
  /** its name: how updates become the next model */
  readonly strategy: string;
  /** L2 bound of an update; the first one where it adapts */
  readonly clip: number;
  /** null where what is published has no noise */
  readonly privacy: PrivacyView | null;
  /** its models say which layers they have, and come for TensorFlow.js too */
  readonly hasTopology: boolean;
  /** the one that moves, else the next, else the last; null while there is none */
  readonly latest: LatestRound | null;
  readonly createdAt: string;
}

/** One use case, asked for by its id. */
export interface UseCaseDetail extends UseCaseView {
  /** since it is live, oldest first; also those that are not in force yet */
  readonly changes: readonly UseCaseChange[];
}

/** What a use case promises of its releases. */
export interface PrivacyView {
  readonly epsilonMax: number;
  readonly delta: number;
  readonly noiseMultiplier: number;
  readonly mechanism: 'independent' | 'tree' | 'banded';
  /** of noise that cancels: a device gets tokens for every so-manieth slot at most */
  readonly separation: number | null;
  readonly clipping: 'fixed' | 'adaptive';
}

/** A round in a line. */
export type LatestRound = Pick<RoundView, 'id' | 'sequence' | 'state' | 'accepted' | 'min' | 'target'>;
