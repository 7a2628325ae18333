import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { z } from 'zod';

import { BOOK, LearningError, Strategies, type StrategyKind } from '#learning';

/** What the environment says of strategies of one's own: files, separated by commas; the same for coordinator and worker. */
export const STRATEGY_MODULES = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()])));

const Kind = z.object({
  name: z.string().regex(/^[A-Za-z][\w-]{0,63}$/),
  options: z.record(z.string(), z.number().optional()),
  make: z.custom<StrategyKind['make']>((value) => typeof value === 'function'),
});

/**
 * The strategies of the book and those that these files export by default.
 *
 * @throws LearningError `bad_strategy` in a sentence that names the file
 */
export async function loadStrategies(files: readonly string[]): Promise<Strategies> {
  const own = await Promise.all(files.map(loadOne));
  return new Strategies([...BOOK, ...own]);
}

async function loadOne(file: string): Promise<StrategyKind> {
  const loaded = (await import(pathToFileURL(resolve(file)).href).catch((cause: unknown) => {
    throw new LearningError('bad_strategy', `The strategy file ${file} cannot be loaded.`, { cause });
  })) as { default?: unknown };
  const kind = Kind.safeParse(loaded.default);
  if (!kind.success) {
    throw new LearningError('bad_strategy', `${file} exports no strategy by default: give it { name, options, make }.`);
  }
  return kind.data as StrategyKind;
}
