import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { isProcessRunning } from '#process';

import { bad, ok, warn, type Finding } from './finding.js';

const DAY_MS = 86_400_000;
/** Time for somebody to renew a certificate. */
const SOON_DAYS = 21;
/** Without it tokens cannot be issued or redeemed, or devices believe nothing. */
const PRECIOUS = ['master.key', 'signing.key', 'log.key'];

/** Claims of processes that are gone hold nothing; the next start takes them away. */
export async function lookAtLocks(directory: string): Promise<Finding[]> {
  const claims = await readdir(join(directory, 'starling.lock')).catch(() => []);
  const stale = claims.filter((claim) => !isProcessRunning(claim));
  const held = claims.length - stale.length;
  if (stale.length === 0)
    return [ok('lock', held === 0 ? 'Nobody holds the directory.' : 'One Starling holds the directory.')];
  return [
    warn('lock', `${stale.length} left by a process that was killed.`, 'Nothing: the next starling up takes it away.'),
  ];
}

export async function lookAtSecrets(directory: string): Promise<Finding[]> {
  const folder = join(directory, 'secrets');
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return [ok('secrets', 'There are none yet: the first starling up makes them.')];
  const missing = PRECIOUS.filter((name) => !names.includes(name));
  const open: string[] = [];
  for (const name of names) if (((await stat(join(folder, name))).mode & 0o077) !== 0) open.push(name);
  return [
    ...(missing.length === 0
      ? []
      : [
          bad(
            'secrets',
            `${missing.join(', ')} is not there.`,
            `Put it back into ${folder} from your copy, before the next start makes another.`,
          ),
        ]),
    ...(open.length === 0
      ? []
      : [bad('secrets', `Others may read ${open.join(', ')}.`, `chmod 600 ${folder}/*, and ask who read them.`)]),
    ...(missing.length + open.length === 0 ? [ok('secrets', `${names.length} files, for their owner alone`)] : []),
  ];
}

/** What issuer, intake and coordinator are told in their environment, where this has it too. */
export async function lookAtTls(env: Readonly<Record<string, string | undefined>>, now: number): Promise<Finding[]> {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = env;
  if (!certFile && !keyFile) return [ok('TLS', 'TLS_CERT_FILE is not set here: TLS is left to a proxy.')];
  if (!certFile || !keyFile) return [bad('TLS', 'One of TLS_CERT_FILE and TLS_KEY_FILE is not set.', 'Set both.')];
  const [cert, key] = await Promise.all([certFile, keyFile].map((file) => readFile(file).catch(() => undefined)));
  if (cert === undefined || key === undefined)
    return [bad('TLS', 'The certificate or its key cannot be read.', `Look at ${certFile} and ${keyFile}.`)];
  return [certificateFinding(cert, key, now)];
}

function certificateFinding(cert: Buffer, key: Buffer, now: number): Finding {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      return bad('TLS', 'The key is not the certificate’s.', 'Put the two that belong together.');
  } catch {
    return bad('TLS', 'The certificate or its key is no PEM.', 'Put a chain and a key in PEM there.');
  }
  const [from, until] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const days = Math.floor((until - now) / DAY_MS);
  if (from > now)
    return bad('TLS', `The certificate is valid from ${certificate.validFrom} on.`, 'Set the clock, or wait.');
  if (until <= now) return bad('TLS', `The certificate ended on ${certificate.validTo}.`, 'Renew it, and restart.');
  if (days < SOON_DAYS) return warn('TLS', `The certificate ends in ${days} days.`, 'Renew it, and restart.');
  return ok('TLS', `The certificate is good for ${days} days.`);
}
