import { HttpException } from '@nestjs/common';

import { ProtocolError, type Refusal } from '#protocol';

/** A protocol "no" as it is; a broken schema as `malformed_message`; undefined for what is nobody's fault outside. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof ProtocolError) return error.toRefusal();
  if (error instanceof HttpException) return fromStatus(error.getStatus());
  if (error instanceof Error && 'status' in error && typeof error.status === 'number') return fromStatus(error.status);
  return undefined;
}

export const INTERNAL: Refusal = { code: 'internal', message: 'Something broke on our side. Try again later.' };

/** What Nest and its body parser say before a handler runs: unknown path, bad JSON, too large. */
function fromStatus(status: number): Refusal | undefined {
  if (status === 404) return { code: 'not_found', message: 'There is nothing at this path.' };
  if (status === 413) return { code: 'too_large', message: 'The request body is too large.' };
  if (status >= 400 && status < 500) return { code: 'malformed_message', message: 'The request could not be read.' };
  return undefined;
}
