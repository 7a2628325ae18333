import { equalBytes, keyAt, type Manifest } from '#protocol';

/** What no later manifest of a use case may change: with any of it, tokens or updates would mean something else. */
const FIXED = [
  'audience',
  'useCase',
  'suite',
  'epochOrigin',
  'epochSeconds',
  'slots',
  'batch',
  'quota',
  'reuse',
  'encoding',
  'topK',
  'scale',
  'clipMicros',
  'strategy',
  'chunkBytes',
  'uploadDeadlineMs',
] as const satisfies readonly (keyof Manifest)[];

export interface Seen {
  /** the latest epoch that tokens were fetched for under the earlier manifest: a key announced since is for later ones */
  readonly fetched: number;
  /** the current epoch */
  readonly current: number;
}

/**
 * Whether a later manifest may take an earlier one's place. It may announce keys, a whole epoch ahead, leave
 * out keys whose epochs are over, and make the crowd larger; nothing else.
 *
 * @returns the rule that the later one breaks, or undefined
 */
export function brokenRule(earlier: Manifest, later: Manifest, seen: Seen): string | undefined {
  const rules: readonly (readonly [boolean, string])[] = [
    [later.version > earlier.version, 'has no later version'],
    ...FIXED.map((field) => [later[field] === earlier[field], `changes ${field}`] as const),
    [equalBytes(later.logKey, earlier.logKey), 'changes the log key'],
    [equalBytes(later.initialModel, earlier.initialModel), 'changes the initial model'],
    [equalBytes(later.topologyDigest, earlier.topologyDigest), 'changes the topology'],
    [later.weightLevels.join() === earlier.weightLevels.join(), 'changes the weight levels'],
    [JSON.stringify(later.layout) === JSON.stringify(earlier.layout), 'changes the layout'],
    [later.kMin >= earlier.kMin, 'would do with a smaller crowd'],
    [later.jitterMs >= earlier.jitterMs, 'spreads submissions less'],
    [later.keys[0]!.firstEpoch <= Math.max(seen.current, earlier.keys[0]!.firstEpoch), 'leaves out a key in use'],
    [keepsKeys(earlier, later, seen), 'changes the key of an epoch'],
  ];
  return rules.find(([holds]) => !holds)?.[1];
}

/** The same key for every epoch that tokens were fetched for, and for every one that an announced key begins with. */
function keepsKeys(earlier: Manifest, later: Manifest, { fetched }: Seen): boolean {
  const oldest = later.keys[0]!.firstEpoch;
  const last = earlier.keys.at(-1)!.firstEpoch;
  const fixed = Math.max(fetched, last);
  const begun = [...earlier.keys, ...later.keys].map(({ firstEpoch }) => firstEpoch);
  const epochs = [...begun, fixed].filter((epoch) => epoch >= oldest && epoch <= fixed);
  return epochs.every((epoch) => {
    const [before, after] = [keyAt(earlier, epoch), keyAt(later, epoch)];
    return before !== undefined && after !== undefined && equalBytes(before.publicKey, after.publicKey);
  });
}
