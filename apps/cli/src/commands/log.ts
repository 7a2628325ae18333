import { InvalidArgumentError, type Command } from 'commander';

import { loadedLate } from './loaded-late.js';
import { DIRECTORY, whole, withConnection, withExample, withJson } from './options.js';

export function addLog(program: Command): void {
  const log = program
    .command('log')
    .description('The transparency log: audit it, follow it, prove an update was counted');
  addVerify(log);
  addCounted(log);
  addCheckProof(log);
  addWitness(log);
}

function addVerify(log: Command): void {
  const verify = log
    .command('verify')
    .description(
      'Audit the whole log: every leaf, head, manifest, round, accepted list and model; exit 1 on any problem',
    )
    .option('--deployment-key <hex>', 'that devices pin (default: that of the Starling in the directory)', publicKey)
    .option('--no-models', 'do not download the models');
  withExample(withConnection(verify), 'log verify').action(
    loadedLate(async () => (await import('../log/verify-log.js')).verifyLog),
  );
}

function addCounted(log: Command): void {
  const counted = log
    .command('counted')
    .description("Say for each round that ended whether a device's update was counted, and write the proofs")
    .requiredOption('--store <directory>', 'of the device, which is not running meanwhile')
    .option('--out <directory>', 'where proofs go, one file a round', '.')
    .option('--url <url>', 'coordinator (default: STARLING_URL, else the one running in the directory)')
    .option('--directory <path>', 'of a Starling on this machine', DIRECTORY);
  withExample(withJson(counted), 'log counted --store ./device --out ./proofs').action(
    loadedLate(async () => (await import('../log/counted.js')).listCounted),
  );
}

function addCheckProof(log: Command): void {
  const check = log
    .command('check-proof')
    .argument('<file.json>')
    .description('Check a proof that an update was counted; asks nobody')
    .option('--log-key <hex>', 'of the deployment, from its manifest (default: the one in the proof)', publicKey);
  withExample(withJson(check), 'log check-proof ./proofs/8c9d3c1e-5f0e-4f5c-9f57-3d0a3a3f6a52.json').action(
    loadedLate(async () => (await import('../log/counted.js')).checkProof),
  );
}

function addWitness(log: Command): void {
  const witness = log
    .command('witness')
    .description('Follow a log and cosign its heads for devices, until stopped; what it has seen it keeps')
    .requiredOption('--url <url>', 'coordinator whose log it is')
    .requiredOption('--log-key <hex>', 'of the deployment, from its manifest', publicKey)
    .requiredOption('--audience <name>', 'of the deployment, from its manifest')
    .requiredOption('--store <directory>', 'its key and what it has seen; made when missing')
    .option('--host <address>', 'to listen on', '127.0.0.1')
    .option('--port <n>', 'to listen on', whole(0, 65_535), 4010)
    .option('--interval <ms>', 'between two looks', whole(10, 3_600_000), 500);
  withExample(
    withJson(witness),
    'log witness --url https://fl.example --audience fl.example --log-key 1f…e9 --store ./witness',
  ).action(loadedLate(async () => (await import('../log/witness.js')).runWitness));
}

function publicKey(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('It must be an Ed25519 public key: 64 hex digits.');
  return text;
}
