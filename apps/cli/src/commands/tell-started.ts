import type { CoordinatorClient } from '../coordinator-client.js';
import { describeStarted } from '../output/started.js';

/**
 * What was started, in the words that people know it by. It is started, whatever becomes of asking for those words: who is
 * told of an error starts it again.
 *
 * @param ids  in order, at least one
 * @param warnings  the coordinator's, in sentences
 */
export async function tellStarted(
  coordinator: Pick<CoordinatorClient, 'findRound'>,
  ids: readonly string[],
  warnings: readonly string[],
): Promise<string> {
  const ends = [...new Set([ids[0]!, ids.at(-1)!])];
  try {
    return describeStarted(await Promise.all(ends.map((id) => coordinator.findRound(id))), warnings);
  } catch {
    return [
      ...warnings,
      `Started: ${ids.join(', ')}`,
      'The coordinator said no more. See them: npx starling round list',
    ].join('\n');
  }
}
