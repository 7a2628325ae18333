import { announceReady, stopOnSignals } from '#process';

import { readFleetConfig } from './config.js';
import { EnrolmentPool } from './enrolment-pool.js';
import { runFleet } from './fleet.js';
import { printReport } from './report.js';
import { TrainingPool } from './training/index.js';

const config = readFleetConfig(process.env);
const [enroller, trainer] = [new EnrolmentPool(), new TrainingPool()];
const ended = new AbortController();

const stop = stopOnSignals(
  async () => {
    ended.abort();
    await Promise.all([enroller.close(), trainer.close()]);
  },
  { graceMs: 3000 },
);
// Only to a supervisor: standard output is for reports. There is no port; enrolling may take minutes.
if (process.send !== undefined) announceReady({ name: 'fleet', port: 0 });

try {
  await runFleet(config, { enroller, trainer, report: printReport, signal: ended.signal });
} catch (error) {
  if (!ended.signal.aborted) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
// A supervisor takes an end it did not ask for as a crash: then wait for its signal.
if (process.send === undefined) stop();
