import { parameterCount, payloadLength, type Manifest } from '#protocol';

import { count, plural } from '../../figures.js';
import { bytes } from '../wizard/preview-panel.js';
import { LayoutTable } from '../wizard/layout-table.js';

const hex = (key: Uint8Array): string => Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join('');

interface Promised {
  readonly name: string;
  readonly privacy?: {
    readonly noiseMultiplier: number;
    readonly delta: number;
    readonly epsilonMax: number;
    readonly mechanism?: 'tree' | 'banded';
    readonly clipping?: object;
  };
}

function privacyOf({ privacy }: Promised): string {
  if (privacy === undefined) return 'off: sums are exact';
  const { noiseMultiplier, delta, epsilonMax, mechanism, clipping } = privacy;
  const kind = mechanism ?? (clipping === undefined ? 'fixed clip' : 'adaptive clip');
  return `${kind}, σ ${noiseMultiplier}, δ ${delta}, budget ε ${epsilonMax}`;
}

function optionsOf(promised: Promised): string {
  const { name, privacy: _, ...options } = promised;
  return [name, ...Object.entries(options).map(([option, value]) => `${option} ${String(value)}`)].join(', ');
}

/** What the deployment has signed and devices hold it to. */
export function ManifestSummary({ manifest }: { manifest: Manifest }) {
  const promised = JSON.parse(manifest.strategy) as Promised;
  const facts: readonly (readonly [string, string])[] = [
    ['Manifest', `version ${manifest.version}, ${plural(manifest.keys.length, 'key')}, ${manifest.suite}`],
    ['Strategy', optionsOf(promised)],
    ['Privacy', privacyOf(promised)],
    [
      'An update',
      `${count(parameterCount(manifest))} numbers, ${bytes(payloadLength(manifest))}, clip ${manifest.clipMicros / 1e6}`,
    ],
    ['Fewest devices', count(manifest.kMin)],
    [
      'An epoch',
      `${manifest.epochSeconds} s, ${plural(manifest.slots, 'slot')}, ${plural(manifest.quota, 'token')} a device`,
    ],
    ['Jitter', `${manifest.jitterMs} ms`],
    ['Initial model', hex(manifest.initialModel)],
  ];
  return (
    <>
      <dl className="terms terms-wide">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <LayoutTable layout={manifest.layout} />
    </>
  );
}
