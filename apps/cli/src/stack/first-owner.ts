import { invitationAddress } from '#protocol';

import { CoordinatorClient } from '../coordinator-client.js';
import type { Stack } from './stack.js';

const GOOD_FOR_SECONDS = 86_400;

/** @returns where the first owner makes an account; undefined where there are accounts already */
export async function inviteFirstOwner({ urls, secrets }: Stack): Promise<string | undefined> {
  const coordinator = new CoordinatorClient({ url: urls.coordinator, key: secrets.apiKey });
  if ((await coordinator.listAccounts()).length > 0) return undefined;
  const { token } = await coordinator.invite({ role: 'owner', expiresInSeconds: GOOD_FOR_SECONDS });
  return invitationAddress(urls.coordinator, token);
}
