import { treeHeadMessage, type TreeHead } from '#protocol';
import type { TreeHeads } from '#storage/log';

import type { SigningKey } from './signing-key.js';

/** Without news there is a head each so many intervals. */
const KEEP_ALIVE = 60;

export interface SignerSettings {
  readonly audience: string;
  /** heads are dated at multiples of it; ms */
  readonly intervalMs: number;
}

/** Signs the log's tree heads on their schedule. Several coordinators may all try: each moment has one head. */
export class TreeHeadSigner {
  constructor(
    private readonly heads: TreeHeads,
    private readonly key: SigningKey,
    private readonly settings: SignerSettings,
  ) {}

  /**
   * Signs from now on.
   *
   * @param onHead  told of every head that this process added
   * @returns what stops it
   */
  start(onHead: () => void, onFailure: (error: unknown) => void): () => void {
    let timer: NodeJS.Timeout;
    const turn = (): void => {
      void this.sign()
        .then((added) => void (added && onHead()), onFailure)
        .then(wait);
    };
    let stopped = false;
    const wait = (): void => {
      // A little after the moment: the database's clock decides whether it has come.
      if (!stopped) timer = setTimeout(turn, this.settings.intervalMs - (Date.now() % this.settings.intervalMs) + 5);
    };
    wait();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }

  /** @returns whether a head was due and this call added it */
  sign(): Promise<boolean> {
    const { audience, intervalMs } = this.settings;
    const sign = (head: TreeHead): Uint8Array => this.key.sign(treeHeadMessage(audience, head));
    return this.heads.add({ intervalMs, keepAlive: KEEP_ALIVE }, sign);
  }
}
