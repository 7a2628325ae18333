import { bytesToHex } from '@noble/curves/utils.js';

/** What differs in one vector; none when it holds. */
export class Findings {
  readonly list: string[] = [];

  expect(what: string, got: Uint8Array, want: string | undefined): void {
    if (bytesToHex(got) !== want) this.list.push(`${what} differs`);
  }

  require(what: string, holds: boolean): void {
    if (!holds) this.list.push(what);
  }
}
