import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureContextOptions, TlsOptions } from 'node:tls';

import { z } from 'zod';

import { ConfigError } from '#process';

/** `TLS_CERT_FILE` (the whole chain) and `TLS_KEY_FILE`, both PEM: with them a process speaks TLS and nothing else. */
export const TLS_SETTINGS = {
  TLS_CERT_FILE: z.string().min(1).optional(),
  TLS_KEY_FILE: z.string().min(1).optional(),
};

export interface TlsFiles {
  readonly TLS_CERT_FILE?: string | undefined;
  readonly TLS_KEY_FILE?: string | undefined;
}

/** Certificate and key of a server. */
export type Tls = Pick<SecureContextOptions, 'cert' | 'key'>;

/** @returns undefined where TLS is left to a proxy @throws ConfigError where one is named without the other */
export function readTls({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key }: TlsFiles): Tls | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new ConfigError('TLS_CERT_FILE and TLS_KEY_FILE go together: set both.', ['TLS_CERT_FILE', 'TLS_KEY_FILE']);
  }
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

/**
 * What a TLS server needs beside the certificate. Without tickets, and as Node keeps no sessions by itself, none is
 * ever resumed: a resumed session tells that two connections come from one device.
 */
export const tlsOptions = (tls: Tls): TlsOptions => ({
  ...tls,
  minVersion: 'TLSv1.2',
  secureOptions: constants.SSL_OP_NO_TICKET,
  honorCipherOrder: true,
});
