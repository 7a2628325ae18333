import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { chromium, type Browser } from 'playwright-core';

const UNPACK = new URL('../../../tools/unpack-chromium.mjs', import.meta.url).pathname;
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-dev-shm-usage',
  // WebGL without a graphics card.
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--lang=en-US',
];

/** A browser that an npm package carries, so that nothing has to be installed; `CHROMIUM` names another one. */
export async function launchBrowser(): Promise<Browser> {
  const own = process.env['CHROMIUM'];
  if (own !== undefined) return chromium.launch({ executablePath: own, args: FLAGS });
  const { stdout } = await promisify(execFile)(process.execPath, [UNPACK]);
  const folder = stdout.trim();
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: FLAGS,
    env: {
      ...process.env,
      LANG: 'en_US.UTF-8',
      LD_LIBRARY_PATH: join(folder, 'lib'),
      FONTCONFIG_PATH: join(folder, 'fonts'),
    },
  });
}
