import { ClientError } from './errors.js';
import type { Appointment } from './prefetch-schedule.js';
import type { TokenStore } from './token-store.js';
import {
  decodeWallet,
  EMPTY_WALLET,
  encodeWallet,
  type Identity,
  type PendingBatch,
  type SentUpdate,
  type StoredToken,
  type TokenUse,
  type WalletState,
} from './wallet-state.js';

const STATE = 'wallet';
/** A device that never audits does not grow for ever. */
const MOST_SENT = 1000;

/** A slot: a device has one token for it. */
export interface Position {
  readonly epoch: number;
  readonly slot: number;
}

/** One round's place: a use of its slot's token. */
export interface RoundPlace extends Position {
  readonly useNo: number;
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

  /**
   * Forgets what belongs to retired epochs.
   *
   * @param reuse  rounds that a token is good for
   */
  async forgetBefore(epoch: number, reuse: number = 1): Promise<void> {
    const old = this.#state.tokens.filter((token) => token.epoch < epoch);
    const { pending, lost } = this.#state;
    if (old.length === 0 && lost.every((slot) => slot.epoch >= epoch) && !(pending && pending.epoch < epoch)) return;
    await this.#change((state) => ({
      ...state,
      pending: state.pending && state.pending.epoch < epoch ? undefined : state.pending,
      tokens: state.tokens.filter((token) => token.epoch >= epoch),
      lost: state.lost.filter((slot) => slot.epoch >= epoch),
    }));
    // Not only what is marked: a crash may have left a payload whose mark was never written.
    for (const { epoch, slot } of old) {
      for (let useNo = 0; useNo < reuse; useNo++) await this.store.remove(payloadOf({ epoch, slot, useNo }));
    }
  }

  /**
   * Marks a use of a token as taken by this update, before anything of it leaves the device.
   *
   * @throws ClientError `token_used` where it was marked before
   */
  markUsed(place: RoundPlace, { header, mac, payload }: Transcript): Promise<void> {
    return this.#change(async (state) => {
      const token = state.tokens.find((candidate) => isAt(candidate, place));
      if (token === undefined || useOf(token, place) !== undefined) {
        const { epoch, slot, useNo } = place;
        throw new ClientError('token_used', `no token for epoch ${epoch}, slot ${slot} with its use ${useNo} left`);
      }
      await this.store.write(payloadOf(place), payload);
      return withUse(state, place, { useNo: place.useNo, header, mac });
    });
  }

  /** The marked update again, for a retry; undefined where nothing is in doubt. */
  async inDoubt(place: RoundPlace): Promise<Transcript | undefined> {
    const use = this.#use(place);
    if (use === undefined || use.settled !== undefined) return undefined;
    const payload = await this.store.read(payloadOf(place));
    return payload && { header: use.header, mac: use.mac, payload };
  }

  /** Writes down what intake said in the end, and forgets the update itself. */
  async settle(place: RoundPlace, settled: NonNullable<TokenUse['settled']>): Promise<void> {
    await this.#change((state) => {
      const use = this.#use(place);
      if (use === undefined) return state;
      const { header } = use;
      const sent =
        'receipt' in settled ? [...state.sent, { header, receipt: settled.receipt }].slice(-MOST_SENT) : state.sent;
      return { ...withUse(state, place, { ...use, settled }), sent };
    });
    await this.store.remove(payloadOf(place));
  }

  /** Updates that intake acknowledged and no audit has looked for yet. */
  get sent(): readonly SentUpdate[] {
    return this.#state.sent;
  }

  /** Forgets these; to be called when an audit has said what became of them. */
  async forgetSent(audited: readonly SentUpdate[]): Promise<void> {
    if (audited.length === 0) return;
    await this.#change((state) => ({ ...state, sent: state.sent.filter((update) => !audited.includes(update)) }));
  }

  #use(place: RoundPlace): TokenUse | undefined {
    const token = this.find(place);
    return token && useOf(token, place);
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

/** The use of a token that a round was given, if it was. */
export const useOf = ({ uses }: StoredToken, { useNo }: Pick<RoundPlace, 'useNo'>): TokenUse | undefined =>
  uses.find((use) => use.useNo === useNo);

const payloadOf = ({ epoch, slot, useNo }: RoundPlace): string => `update-${epoch}-${slot}-${useNo}`;

/** With this use in place of what was known of it. */
const withUse = (state: WalletState, position: Position, use: TokenUse): WalletState => ({
  ...state,
  tokens: state.tokens.map((token) =>
    isAt(token, position) ? { ...token, uses: [...token.uses.filter(({ useNo }) => useNo !== use.useNo), use] } : token,
  ),
});
