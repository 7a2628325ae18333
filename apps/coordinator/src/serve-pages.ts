import type { ServerResponse } from 'node:http';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { NestExpressApplication } from '@nestjs/platform-express';
import expressStaticGzip from 'express-static-gzip';

/** What the build made of the pages, and where each is served. */
const PAGES = [
  ['/ui', '../../../dashboard/'],
  ['/take-part', '../../../take-part/'],
] as const;

/** Serves the built pages; to browsers that take gzip, as the build compressed them. */
export function servePages(app: NestExpressApplication): void {
  for (const [path, directory] of PAGES) {
    const root = fileURLToPath(new URL(directory, import.meta.url));
    if (existsSync(root)) app.use(path, expressStaticGzip(root, { serveStatic: { setHeaders } }));
  }
}

/** Files below `assets/` have their digest in their name. The others are asked for again each time, by ETag. */
function setHeaders(response: ServerResponse, path: string): void {
  if (/[\\/]assets[\\/]/.test(path)) response.setHeader('cache-control', 'public, max-age=31536000, immutable');
}
