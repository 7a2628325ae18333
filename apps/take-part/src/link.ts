/** What a link to this page carries, in its fragment: browsers send that to nobody. */
export interface Link {
  readonly code: string;
  readonly useCase: string;
}

/** @returns undefined for a fragment that is no such link */
export function readLink(fragment: string): Link | undefined {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''));
  const [code, useCase] = [fields.get('code') ?? '', fields.get('use-case') ?? ''];
  const isLink = /^[\x21-\x7e]{1,256}$/.test(code) && /^[a-z0-9][a-z0-9-]{0,63}$/.test(useCase);
  return isLink ? { code, useCase } : undefined;
}
