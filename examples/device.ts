/**
 * A whole device. It enrols with the code it is given, fetches tokens ahead of time and takes part in the
 * next round that opens, with a training that only shrinks the model a little.
 *
 *   node dist/examples/device.js <use case> <enrolment code> <deployment key in hex>
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { Device, type TrainingInput } from '#client';
import { nodePlatform } from '#client/node';

const [useCase = '', code = '', deploymentKey = ''] = process.argv.slice(2);
const issuer = process.env['STARLING_ISSUER'] ?? 'http://127.0.0.1:4001';
const intake = process.env['STARLING_INTAKE'] ?? 'http://127.0.0.1:4002';
const coordinator = process.env['STARLING_COORDINATOR'] ?? 'http://127.0.0.1:4000';

const device = await Device.enrol({ issuer, coordinator, intake, useCase, code, deploymentKey }, nodePlatform());
console.log(`${await device.prefetch()} tokens`);

const train = ({ parameters }: TrainingInput) => parameters.map((value) => value * 0.99);
let result = await device.participate(train);
while (result.outcome === 'skipped' && result.reason === 'no_open_round') {
  await sleep(1000);
  result = await device.participate(train);
}
console.log(result.outcome === 'accepted' ? 'accepted' : result);
process.exitCode = result.outcome === 'accepted' ? 0 : 1;
