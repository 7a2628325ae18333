/** Everything that a device of somebody's own is told. */
export interface DeviceFacts {
  readonly issuer: string;
  readonly coordinator: string;
  readonly intake: string;
  readonly useCase: string;
  readonly code: string;
  readonly deploymentKey: string;
}

/** Where a browser takes part. Behind #: no server's log has the code. */
export const takePartLink = ({ coordinator, code, useCase }: Pick<DeviceFacts, 'coordinator' | 'code' | 'useCase'>) =>
  `${coordinator}/take-part/#code=${encodeURIComponent(code)}&use-case=${encodeURIComponent(useCase)}`;

const settings = (facts: DeviceFacts, indent: string): string =>
  (['issuer', 'coordinator', 'intake', 'useCase', 'code', 'deploymentKey'] as const)
    .map((name) => `${indent}${name}: ${JSON.stringify(facts[name]).replaceAll('"', "'")},`)
    .join('\n');

export const nodeSnippet = (facts: DeviceFacts): string => `import { Device } from '#client';
import { nodePlatform } from '#client/node';

const device = await Device.enrol(
  {
${settings(facts, '    ')}
  },
  // A folder for each device: its key and tokens are in there, keep it secret.
  nodePlatform({ directory: process.argv[2] ?? './starling-device' }),
);
console.log(await device.prefetch(), 'tokens');

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
await device.run(
  // Your training: all parameters in, as many out.
  ({ parameters }) => parameters.map((value) => value * 0.99),
  {
    signal: stop.signal,
    pollMs: 2000,
    onEvent: (event) => console.log(event.kind, event.kind === 'round' ? sayOf(event.participation) : ''),
  },
);

function sayOf({ outcome, reason }) {
  return reason === undefined ? outcome : outcome + ': ' + reason;
}
`;

export const browserSnippet = (facts: DeviceFacts): string => `import { browserPlatform, Device } from './starling.js';

const platform = await browserPlatform('${facts.useCase}');
const device = await Device.enrol(
  {
${settings(facts, '    ')}
  },
  platform,
);
console.log(await device.prefetch(), 'tokens');

const stop = new AbortController();
await device.run(
  // Your training: all parameters in, as many out.
  ({ parameters }) => parameters.map((value) => value * 0.99),
  {
    signal: stop.signal,
    pollMs: 2000,
    onEvent: (event) => console.log(event.kind, event.kind === 'round' ? event.participation.outcome : ''),
  },
);
`;

export const pythonSnippet = (facts: DeviceFacts): string => `import sys
import time

from starling_client.device import Device, Settings
from starling_client.store import FileStore

settings = Settings(
    issuer="${facts.issuer}",
    coordinator="${facts.coordinator}",
    intake="${facts.intake}",
    use_case="${facts.useCase}",
    code="${facts.code}",
    deployment_key="${facts.deploymentKey}",
)


def train(parameters, proximal_mu):
    return [0.99 * value for value in parameters]  # your training


# A folder for each device: its key and tokens are in there, keep it secret.
folder = sys.argv[1] if len(sys.argv) > 1 else "./starling-device"

with Device(settings, FileStore(folder)) as device:
    device.enrol()
    print(device.prefetch(), "tokens")
    while True:  # until it is stopped
        outcome, what = device.participate(train)
        if outcome != "skipped":
            print(outcome)
        time.sleep(2)
`;
