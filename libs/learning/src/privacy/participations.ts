/**
 * The most releases that one device can be part of. In an epoch it gets no more tokens than its quota, and each is good
 * for so many rounds; which of the rounds it was part of nobody knows.
 *
 * @param epochs  of the releases, one entry each
 * @param perEpoch  quota · reuse
 */
export function participations(epochs: readonly number[], perEpoch: number): number {
  const releases = new Map<number, number>();
  for (const epoch of epochs) releases.set(epoch, (releases.get(epoch) ?? 0) + 1);
  return [...releases.values()].reduce((sum, count) => sum + Math.min(count, perEpoch), 0);
}
