import { ClientError } from './errors.js';
import type { Appointment } from './prefetch-schedule.js';
import type { TokenStore } from './token-store.js';
import {
  decodeWallet,
  EMPTY_WALLET,
  encodeWallet,
  type Identity,
  type PendingBatch,
  type StoredToken,
  type TokenUse,
  type WalletState,
} from './wallet-state.js';

const STATE = 'wallet';

/** One round's place: a device has one token for it. */
export interface Position {
  readonly epoch: number;
  readonly slot: number;
}

/** An update ready to leave: the very bytes, so that a retry repeats them. */
export interface Transcript {
  readonly header: Uint8Array;
  readonly mac: Uint8Array;
  readonly payload: Uint8Array;
}

/**
 * A device's key and tokens. Changes are made one after the other and are durable when the call
 * resolves: whatever leaves the device was written down before.
 */
export class Wallet {
  #state: WalletState;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly store: TokenStore,
    state: WalletState,
  ) {
    this.#state = state;
  }

  /** @throws ClientError `damaged_store` */
  static async open(store: TokenStore): Promise<Wallet> {
    const bytes = await store.read(STATE);
    return new Wallet(store, bytes === undefined ? EMPTY_WALLET : decodeWallet(bytes));
  }

  get identity(): Identity | undefined {
    return this.#state.identity;
  }

  get pending(): PendingBatch | undefined {
    return this.#state.pending;
  }

  get tokens(): readonly StoredToken[] {
    return this.#state.tokens;
  }

  find(position: Position): StoredToken | undefined {
    return this.#state.tokens.find((token) => isAt(token, position));
  }

  /** Where asking for a token is of no use: there is one already, or it is lost. */
  get covered(): readonly Position[] {
    return [...this.#state.tokens, ...this.#state.lost];
  }

  get appointments(): readonly Appointment[] {
    return this.#state.appointments;
  }

  /** Replaces all of them; writes nothing where nothing changed. */
  async setAppointments(appointments: readonly Appointment[]): Promise<void> {
    if (JSON.stringify(appointments) === JSON.stringify(this.#state.appointments)) return;
    await this.#change((state) => ({ ...state, appointments: [...appointments] }));
  }

  setIdentity(identity: Identity): Promise<void> {
    return this.#change((state) => ({ ...state, identity }));
  }

  /** To be called before the batch is sent: only with its blinds can the answer be used. */
  setPending(pending: PendingBatch): Promise<void> {
    return this.#change((state) => ({ ...state, pending }));
  }

  /** Gives the pending batch up; `charged` where the issuer will not evaluate its slots again. */
  dropPending({ charged }: { readonly charged: boolean }): Promise<void> {
    return this.#change((state) => {
      const { epoch, slots } = state.pending ?? { epoch: 0, slots: [] };
      const lost = charged ? slots.map(({ slot }) => ({ epoch, slot })) : [];
      return { ...state, pending: undefined, lost: [...state.lost, ...lost] };
    });
  }

  /** Turns the pending batch into tokens, in one step. */
  addTokens(tokens: readonly StoredToken[]): Promise<void> {
    return this.#change((state) => ({ ...state, pending: undefined, tokens: [...state.tokens, ...tokens] }));
  }

  /** Forgets what belongs to retired epochs. */
  async forgetBefore(epoch: number): Promise<void> {
    const old = this.#state.tokens.filter((token) => token.epoch < epoch);
    const { pending, lost } = this.#state;
    if (old.length === 0 && lost.every((slot) => slot.epoch >= epoch) && !(pending && pending.epoch < epoch)) return;
    await this.#change((state) => ({
      ...state,
      pending: state.pending && state.pending.epoch < epoch ? undefined : state.pending,
      tokens: state.tokens.filter((token) => token.epoch >= epoch),
      lost: state.lost.filter((slot) => slot.epoch >= epoch),
    }));
    for (const token of old) await this.store.remove(payloadOf(token));
  }

  /**
   * Marks a token used for this update, before anything of it leaves the device.
   *
   * @throws ClientError `token_used` where it was marked before
   */
  markUsed(position: Position, { header, mac, payload }: Transcript): Promise<void> {
    return this.#change(async (state) => {
      const token = state.tokens.find((candidate) => isAt(candidate, position));
      if (token === undefined || token.use !== undefined) {
        throw new ClientError('token_used', `no unused token for epoch ${position.epoch}, slot ${position.slot}`);
      }
      await this.store.write(payloadOf(position), payload);
      return withUse(state, position, { header, mac });
    });
  }

  /** The marked update again, for a retry; undefined where nothing is in doubt. */
  async inDoubt(position: Position): Promise<Transcript | undefined> {
    const use = this.find(position)?.use;
    if (use === undefined || use.settled !== undefined) return undefined;
    const payload = await this.store.read(payloadOf(position));
    return payload && { header: use.header, mac: use.mac, payload };
  }

  /** Writes down what intake said in the end, and forgets the update itself. */
  async settle(position: Position, settled: NonNullable<TokenUse['settled']>): Promise<void> {
    await this.#change((state) => {
      const use = this.find(position)?.use;
      return use === undefined ? state : withUse(state, position, { ...use, settled });
    });
    await this.store.remove(payloadOf(position));
  }

  #change(change: (state: WalletState) => WalletState | Promise<WalletState>): Promise<void> {
    const next = this.#last.then(async () => {
      const state = await change(this.#state);
      await this.store.write(STATE, encodeWallet(state));
      this.#state = state;
    });
    this.#last = next.catch(() => undefined);
    return next;
  }
}

const isAt = (a: Position, b: Position): boolean => a.epoch === b.epoch && a.slot === b.slot;

const payloadOf = ({ epoch, slot }: Position): string => `update-${epoch}-${slot}`;

const withUse = (state: WalletState, position: Position, use: TokenUse): WalletState => ({
  ...state,
  tokens: state.tokens.map((token) => (isAt(token, position) ? { ...token, use } : token)),
});
