// Unpacks the Chromium that an npm package carries, once, and prints the folder: `chromium` and `lib`, which it wants on
// LD_LIBRARY_PATH where the system has no NSS. Several may do so at once: the first one's stays.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const packed = join(root, 'node_modules/@sparticuz/chromium');
const { version } = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8'));
const cache = join(root, '.cache');
const folder = join(cache, `chromium-${version}`);

const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

if (!existsSync(folder)) {
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, 'chromium-unpacking-'));
  // Where the package unpacks to.
  process.env.TMPDIR = unfinished;
  const { default: chromium, inflate } = await import('@sparticuz/chromium');
  chromium.setGraphicsMode = true;
  await chromium.executablePath();
  await inflate(join(packed, 'bin/al2023.tar.br'));
  renameSync(join(unfinished, 'al2023/lib'), join(unfinished, 'lib'));
  writeFileSync(join(unfinished, 'fonts/fonts.conf'), FONTS);
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    rmSync(unfinished, { recursive: true });
  }
}
console.log(folder);
