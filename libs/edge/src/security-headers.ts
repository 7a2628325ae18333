import type { NextFunction, Request, Response } from 'express';

/** Answers that are no page: nothing in them may run, and no page may show them. */
const DATA = "default-src 'none'; frame-ancestors 'none'";
/** Half a year. */
const HSTS = 'max-age=15552000';

const ALL: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** On an answer that is no page. */
export const DATA_HEADERS = { ...ALL, 'content-security-policy': DATA };

/** Paths that serve pages, each with what its pages may load. */
export type Pages = Readonly<Record<string, string>>;

/** On every answer, also refusals: what a browser may do with it. The same for everybody. */
export function securityHeaders(pages: Pages, options: { readonly isTls: boolean }) {
  const headers = { ...ALL, ...(options.isTls ? { 'strict-transport-security': HSTS } : {}) };
  return ({ path }: Request, response: Response, next: NextFunction): void => {
    const page = Object.keys(pages).find((root) => path === root || path.startsWith(`${root}/`));
    response.set({ ...headers, 'content-security-policy': page === undefined ? DATA : pages[page]! });
    next();
  };
}
