export { auditLog, type AuditPlan, type LogReport } from './audit-log.js';
export { auditRounds, type AuditedRound, type RoundOutcome } from './audit-rounds.js';
export { auditStore } from './audit-store.js';
export { believeManifest, believeRound, loggedDerivedKeys } from './believe.js';
export { CountedProof, verifyCounted, type CountedVerdict } from './counted-proof.js';
export { headReply, type LogAddress, type LogIdentity, type Witness } from './log-source.js';
export { LogView, type ReadLog } from './log-view.js';
export { EMPTY_HISTORY, type UseCaseHistory } from './use-case-history.js';
export { LogWitness } from './witness.js';
