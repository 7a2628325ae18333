/** What a device does: enrol, prefetch, participate. Runs wherever a `Platform` is passed in; Node's is `#client/node`. */
export { encodingOf, type Encoding, type EncodingChoice, type Grid } from '#learning';
export { payloadLength, parameterCount, type Manifest } from '#protocol';

export { Backoff, DEFAULT_RETRIES, type RetryPolicy } from './backoff.js';
export { completeSettings, fetchDeployment, type EnrolSettings } from './deployment.js';
export { Device, type Abilities, type DeviceSettings, type RunOptions } from './device.js';
export { EncryptedTokenStore, type SealingKey } from './encrypted-token-store.js';
export { CLIENT_CODES, ClientError, type ClientCode } from './errors.js';
export {
  ConnectionLost,
  openSubmission,
  uploadPayload,
  type IntakeRefusal,
  type IntakeTransport,
  type OpenAnswer,
  type UploadAnswer,
  type UploadPermit,
} from './exchange.js';
export type { Evaluate, EvaluationInput } from './evaluate-round.js';
export type { Floors } from './floors.js';
export {
  auditLog,
  auditStore,
  CountedProof,
  headReply,
  LogView,
  LogWitness,
  verifyCounted,
  type AuditedRound,
  type AuditPlan,
  type CountedVerdict,
  type LogReport,
  type RoundOutcome,
  type Witness,
} from './log/index.js';
export { checkRound, fetchOpenRound, type OpenRound } from './open-round.js';
export { type SkipReason } from './eligible-round.js';
export { type Participation, type Train, type TrainingInput } from './participate.js';
export { fetchManifest, type PinnedManifest } from './pinned-manifest.js';
export type { Clock, Connect, Connection, Http, HttpReply, HttpRequest, Platform } from './platform.js';
export { encodeUpdate, prepareSubmission, type PreparedSubmission, type Trained } from './prepare-submission.js';
export { fetchModel, type RoundModel } from './round-model.js';
export type { DeviceEvent } from './run.js';
export { brokenRule, type Seen } from './succession.js';
export { submissionDelay, submit, type Alarm, type SubmissionResult, type SubmitTransport } from './submit.js';
export { MemoryTokenStore, type TokenStore } from './token-store.js';
export { fetchTopology } from './topology.js';
export { Wallet, type Position, type Transcript } from './wallet.js';
export type { StoredToken } from './wallet-state.js';
