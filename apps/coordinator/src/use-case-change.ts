import { ProtocolError, type ChangeUseCase, type UseCaseChange } from '#protocol';
import type { Client } from '#storage/database';
import type { Latest, UseCaseChanges } from '#storage/keys';

/**
 * A change of a live use case, from the next epoch on. Devices' manifests stay what they are: a crowd is only ever
 * larger than they promise, a budget smaller.
 *
 * @throws ProtocolError `unknown_use_case`, `wrong_state`
 */
export async function changeUseCase(
  changes: UseCaseChanges,
  useCase: string,
  wish: ChangeUseCase,
  client: Client,
): Promise<UseCaseChange> {
  const latest = await changes.lock(useCase, client);
  if (latest === undefined) throw new ProtocolError('unknown_use_case', 'No use case has this name.');
  const { draft, nextEpoch } = latest;
  if (nextEpoch === null) throw new ProtocolError('wrong_state', 'This use case is not live yet: change it then.');
  const refusal = whyNot(draft, wish);
  if (refusal !== undefined) throw new ProtocolError('wrong_state', refusal);
  const change = { fromEpoch: nextEpoch, fields: fieldsOf(wish) };
  await changes.add(useCase, change, client);
  return change;
}

function whyNot({ kMin, privacy }: Latest['draft'], wish: ChangeUseCase): string | undefined {
  if (wish.kMin !== undefined && wish.kMin < kMin) {
    return `kMin is ${kMin}, and devices were promised no smaller crowd: it can only be raised.`;
  }
  if (wish.epsilonMax === undefined) return undefined;
  if (privacy === undefined) return 'This use case has no privacy, and so no budget.';
  if (wish.epsilonMax <= privacy.epsilonMax) return undefined;
  return `The budget is ε ${privacy.epsilonMax}, as devices were told: it can only be lowered.`;
}

const CHANGEABLE = ['title', 'tokensPerSecond', 'keyEpochs', 'kMin', 'epsilonMax'] as const;

const fieldsOf = (wish: ChangeUseCase): UseCaseChange['fields'] =>
  Object.fromEntries(
    CHANGEABLE.flatMap((name) => {
      const value = wish[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
