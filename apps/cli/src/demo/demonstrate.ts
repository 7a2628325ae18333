import { EXIT } from '../cli-error.js';
import { Lifetime } from '../lifetime.js';
import { Screen } from '../output/screen.js';
import { runDemo } from './demo.js';
import type { DemoOptions } from './settings.js';
import { renderSummary } from './summary.js';

/** The demo as a command: shown while it runs, then stopped or left running, with the exit code that says how it went. */
export async function demonstrate(options: DemoOptions): Promise<void> {
  const quiet = { write: () => true };
  const screen = new Screen(options.json === true ? quiet : process.stdout);
  const result = await new Lifetime().run(async (lifetime) => {
    lifetime.atEnd(async () => screen.done());
    const result = await runDemo(options, lifetime, screen);
    screen.move('');
    if (options.json === true) process.stdout.write(`${JSON.stringify(result)}\n`);
    else screen.line(`\n${renderSummary(result, process.cwd())}`);
    if (options.once === true) return result;
    screen.line('\nCtrl-C stops everything.');
    return lifetime.untilStopped();
  });
  if (result === undefined || result.problems.length === 0) return;
  if (options.json === true) process.stderr.write(`${result.problems.join('\n')}\n`);
  process.exitCode = EXIT.failed;
}
