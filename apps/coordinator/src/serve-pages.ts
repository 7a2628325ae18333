import type { ServerResponse } from 'node:http';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
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
    if (!existsSync(root)) continue;
    const serve = expressStaticGzip(root, { serveStatic: { setHeaders } });
    app.use(path, (request: Request, response: Response, next: NextFunction) =>
      isReadable(request.path) ? serve(request, response, next) : next(),
    );
  }
}

/** What cannot be decoded is no page, and refused as every other path is: with a code. */
function isReadable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Files below `assets/` have their digest in their name. The others are asked for again each time, by ETag. */
function setHeaders(response: ServerResponse, path: string): void {
  if (/[\\/]assets[\\/]/.test(path)) response.setHeader('cache-control', 'public, max-age=31536000, immutable');
}
