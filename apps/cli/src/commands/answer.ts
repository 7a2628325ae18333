import type { CoordinatorClient } from '../coordinator-client.js';
import { findCoordinator } from '../find-coordinator.js';
import { print } from '../output/print.js';
import type { TalkOptions } from './options.js';

/**
 * Asks the coordinator once and prints what it says.
 *
 * @param text  for people, where they did not ask for JSON
 * @throws CliError as `findCoordinator` and the question
 */
export async function answer<Reply>(
  options: TalkOptions,
  ask: (coordinator: CoordinatorClient) => Promise<Reply>,
  text: (reply: Reply) => string,
): Promise<void> {
  const reply = await ask(await findCoordinator(options));
  print(options, reply, () => text(reply));
}
