/*
 * Lays a compressed copy beside each file of a built page that gets smaller: `app.js.gz` beside `app.js`. The
 * coordinator sends these as they are, so that no request costs more than reading a file.
 *
 * `node tools/compress-pages.mjs DIRECTORY…`
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

const compress = promisify(gzip);
/** What fits into one packet anyway. */
const LEAST = 1400;

for (const directory of process.argv.slice(2)) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.gz'));
  await Promise.all(files.map((file) => layBeside(join(file.parentPath, file.name))));
}

async function layBeside(path) {
  const bytes = await readFile(path);
  if (bytes.length < LEAST) return;
  const packed = await compress(bytes, { level: constants.Z_BEST_COMPRESSION });
  if (packed.length < bytes.length) await writeFile(`${path}.gz`, packed);
}
