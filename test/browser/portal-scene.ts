import type { Browser } from 'playwright-core';

import { pick } from '../fixtures/researcher.js';
import { startPublicStarling } from '../fixtures/public-starling.js';
import type { TestStarling } from '../fixtures/starling.js';
import { launchBrowser } from './chromium.js';
import { Visitor } from './portal-visitor.js';

/** People at browsers of their own, and the real processes behind the pages that they see. */
export class PortalScene {
  private constructor(
    readonly starling: TestStarling,
    readonly browser: Browser,
  ) {}

  /** @param origins  of pages that devices may come from */
  static async open(origins: readonly string[] = []): Promise<PortalScene> {
    const [starling, browser] = await Promise.all([startPublicStarling({ origins }), launchBrowser()]);
    return new PortalScene(starling, browser);
  }

  stranger = (): Promise<Visitor> => Visitor.at(this.starling.coordinator, this.browser);

  /** Somebody who has just made an account, in the page. */
  async member(name: string, role: string): Promise<Visitor> {
    const visitor = await this.stranger();
    await visitor.join(await this.invitation(role), name);
    return visitor;
  }

  async invitation(role: string): Promise<string> {
    const token = pick<string>(await this.starling.researcher.call('/invitations', { role }), 'token');
    return `${this.starling.coordinator}/ui/#/join?token=${token}`;
  }

  /** As an owner does it: from another page than the one of whom it is about. */
  async changeAccount(name: string, ...changes: readonly object[]): Promise<void> {
    const { researcher } = this.starling;
    const accounts = (await researcher.call('/accounts')).json as { id: string; name: string }[];
    const { id } = accounts.find((account) => account.name === name)!;
    for (const change of changes) pick(await researcher.call(`/accounts/${id}`, change), 'id');
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.starling.stop();
  }
}
