export { auditRounds, type AuditedRound, type RoundOutcome } from './audit-rounds.js';
export { believeManifest, believeRound, loggedDerivedKeys } from './believe.js';
export { CountedProof, verifyCounted, type CountedVerdict } from './counted-proof.js';
export type { Witness } from './log-source.js';
export { LogView } from './log-view.js';
