import { createRequire } from 'node:module';
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

import { chooseEngine } from '#engine';
import { freePort } from '#process';

import { bad, ok, warn, type Finding } from './finding.js';

const LEAST_NODE = [20, 19] as const;
/** Bytes free below which nothing goes on for long, and below which somebody should look. */
const FULL = 200 * 2 ** 20;
const SCARCE = 2 * 2 ** 30;
const PORTS = { coordinator: 4000, issuer: 4001, intake: 4002, worker: 4003, postgresql: 54_320 };

export function lookAtNode(version: string = process.versions.node): Finding[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return [
    isNew
      ? ok('Node', `Node ${version}`)
      : bad('Node', `Node ${version} is too old.`, `Install Node ${LEAST_NODE.join('.')} or later.`),
  ];
}

/** What is taken by somebody else. Where a Starling runs it is its own processes that listen, and nothing is tried. */
export async function lookAtPorts(
  isRunning: boolean,
  ports: Readonly<Record<string, number>> = PORTS,
): Promise<Finding[]> {
  if (isRunning) return [ok('ports', 'Our processes hold them.')];
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports))
    if ((await freePort(port)) !== port) taken.push(`${port} (${name})`);
  if (taken.length === 0) return [ok('ports', `${Object.values(ports).join(', ')} are free.`)];
  return [
    warn(
      'ports',
      `Taken: ${taken.join(', ')}.`,
      'starling up takes others and says which; end what holds these to have them.',
    ),
  ];
}

export async function lookAtDisk(directory: string): Promise<Finding[]> {
  const there = await nearest(directory);
  const { bavail, bsize } = await statfs(there);
  const free = bavail * bsize;
  const text = `${(free / 2 ** 30).toFixed(1)} GB free at ${there}`;
  if (free < FULL) return [bad('disk', `${text}.`, 'Make room: no update is accepted on a full disk.')];
  if (free < SCARCE) return [warn('disk', `${text}.`, 'Make room: models are kept for ever.')];
  return [ok('disk', text)];
}

async function nearest(directory: string): Promise<string> {
  const exists = await stat(directory).then(
    () => true,
    () => false,
  );
  return exists || dirname(directory) === directory ? directory : nearest(dirname(directory));
}

/** What makes this machine fast, where it is there. */
export async function lookAtEngines(): Promise<Finding[]> {
  const { name, description, skipped } = await chooseEngine('auto');
  const engine =
    name === 'native'
      ? ok('libsodium', `credentials by ${description}`)
      : warn(
          'libsodium',
          `Credentials are computed by ${name} (${description}). ${skipped.join(' ')}`,
          'Install libsodium 1.0.18 or later for several times the speed; everything works without it.',
        );
  return [engine, lookAtTensorflow()];
}

function lookAtTensorflow(): Finding {
  try {
    createRequire(import.meta.url).resolve('@tensorflow/tfjs-node');
    return ok('TensorFlow', 'tfjs-node is installed; what it does is tried before it is used.');
  } catch {
    return warn(
      'TensorFlow',
      'tfjs-node is not installed: models are measured in WebAssembly.',
      'Everything works without it. npm install --include=optional --foreground-scripts shows why it was left out.',
    );
  }
}
