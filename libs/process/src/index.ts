/** How a Starling process starts and stops. Knows Node and the operating system, and nothing of federated learning. */
export { ConfigError, readConfig } from './config.js';
export { Ending, exitBecause } from './ending.js';
export { ProcessError, type ProcessErrorCode } from './errors.js';
export { freePort } from './free-port.js';
export { type Lock, takeLock } from './lock.js';
export { identifyProcess, isProcessRunning } from './process-identity.js';
export { announceReady, type Ready } from './ready.js';
export { repeat } from './repeat.js';
export { ROOMY_HEAP } from './roomy-heap.js';
export { readOrCreateSecret, readSecretFile, syncDirectory, writeSecretFile } from './secret-file.js';
export { describeWithoutPayload } from './describe-error.js';
export { logsJson, startLog, writeLog, type LogLevel, type LogLine } from './log.js';
export { stopOnSignals } from './stop-on-signals.js';
export type { ChildPlan } from './supervised-run.js';
export { type RunningChild, Supervisor, type SupervisorOptions } from './supervisor.js';
export { watchLauncher } from './watch-launcher.js';
export { openThreads, type ThreadPoolOptions } from './thread-pool.js';
