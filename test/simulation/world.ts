import { decodeManifest, ProtocolError, type Manifest } from '#protocol';

import type { Opened } from '../../apps/intake/src/submission-intake.js';
import type { Token } from '../fixtures/device.js';
import { payloadOf, prepare, receiptOf, type Submission } from '../fixtures/submission.js';

import { PHONES, type Fate, type Operation, type SubmitKind } from './operations.js';
import { Phone } from './phone.js';
import { EPOCH_SECONDS, PARAMETERS, SLOTS, type Premises } from './premises.js';
import { Servers } from './servers.js';
import type { Delivery } from './simulated-worker.js';

/** An update as its device knows it. */
export interface Sent {
  readonly phone: number;
  readonly roundId: string;
  readonly submission: Submission;
  /** its one */
  readonly coordinate: number;
  /** `acknowledged`: it has the receipt; `unknown`: it may have been accepted, the answer was lost */
  note: 'acknowledged' | 'unknown' | 'refused';
  /** what its device may be told of it, as long as it does not know */
  readonly mayBe: readonly string[];
}

interface OpenRow {
  readonly id: string;
  readonly epoch: number;
  readonly slot: number;
  readonly record: Uint8Array;
}

/** Something that must never be. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** One Starling and its devices, moved on by one operation at a time; what an answer may be is checked at once. */
export class World {
  readonly sent: Sent[] = [];
  readonly #phones: Phone[] = [];
  /** commits of malformed bodies a token has had: the third one spends it */
  readonly #failures = new Map<Uint8Array, number>();
  #servers: Servers;
  #reached = 0;

  private constructor(
    readonly premises: Premises,
    readonly useCase: string,
  ) {
    this.#servers = new Servers(premises);
  }

  static async begin(premises: Premises, useCase: string): Promise<World> {
    const world = new World(premises, useCase);
    await world.#servers.createUseCase(useCase);
    for (let i = 0; i < PHONES; i++) {
      const phone = new Phone();
      const { rows } = await premises.database.admin.query<{ id: string }>(
        'insert into identity.device (use_case, public_key) values ($1, $2) returning id',
        [useCase, phone.publicKey],
      );
      phone.id = rows[0]!.id;
      world.#phones.push(phone);
      await world.#issue(phone, 0, 'answered');
    }
    await world.run({ op: 'start' });
    return world;
  }

  async run(operation: Operation): Promise<void> {
    await this.#step(operation);
    const { rows } = await this.premises.database.admin.query<{ epoch: number }>(
      'select keys.current_epoch($1) as epoch',
      [this.useCase],
    );
    if (rows[0]!.epoch < this.#reached) throw new Violation(`epoch ${rows[0]!.epoch} after ${this.#reached}`);
    this.#reached = rows[0]!.epoch;
  }

  async #step(operation: Operation): Promise<void> {
    switch (operation.op) {
      case 'issue':
        return this.#issue(this.#phones[operation.phone]!, operation.ahead, operation.fate);
      case 'submit':
        return this.#submit(operation.phone, operation.kind, operation.fate);
      case 'move clock':
        return this.premises.moveClock((operation.quarters * EPOCH_SECONDS) / 4);
      case 'past deadline':
        return this.#close(operation.delivery);
      case 'rotate':
        return this.#unlessRefused(() => this.#servers.rotation.request(this.useCase));
      case 'start':
        await this.#servers.schedule.add({ useCase: this.useCase, count: 1, ...ROUND });
        return this.#servers.keep();
      case 'abort':
        return this.#abort();
      case 'keep':
        return this.#servers.keep();
      case 'work':
        return this.#servers.worker.work(operation.delivery);
      case 'restart':
        await this.#servers.end();
        this.#servers = new Servers(this.premises);
    }
  }

  async #unlessRefused(work: () => Promise<unknown>): Promise<void> {
    await work().catch((error: unknown) => {
      if (!(error instanceof ProtocolError)) throw error;
    });
  }

  async #close(delivery: Delivery): Promise<void> {
    await this.premises.moveClock(DEADLINE_SECONDS + 1);
    await this.#servers.worker.work(delivery);
  }

  async #abort(): Promise<void> {
    const round = (await this.#rounds('open'))[0];
    if (round !== undefined) await this.#servers.schedule.abort(round.id);
  }

  async #issue(phone: Phone, ahead: number, fate: Fate): Promise<void> {
    const window = await this.#servers.issuances.window(this.useCase);
    const epoch = window!.epoch + ahead;
    const next = ahead === 0 ? window!.nextSlot : 0;
    const slots = Array.from({ length: SLOTS }, (_, slot) => slot).filter(
      (slot) => slot >= next && phone.token(epoch, slot) === undefined,
    );
    if (phone.pending === undefined && slots.length === 0) return;
    const manifest = await this.#manifest();
    const request = phone.ask(this.premises.engine, manifest, epoch, slots);
    if (fate === 'request lost') return;
    try {
      const reply = await this.#servers.issuer.issue(request);
      if (fate !== 'answer lost') phone.take(this.premises.engine, manifest, reply);
    } catch (error) {
      // A request that was charged is answered again for ever; so one that is refused was never charged.
      if (!(error instanceof ProtocolError) || error.code !== 'epoch_not_open') throw violation('issuing', error);
      phone.pending = undefined;
    }
  }

  /** The first phone from here on that can do this. */
  async #submit(from: number, kind: SubmitKind, fate: Fate): Promise<void> {
    const open = (await this.#rounds('open'))[0];
    const others = kind === 'other round' ? await this.#rounds('frozen', 'published', 'abandoned') : [];
    const round = kind === 'other round' ? others.find(({ id }) => id !== open?.id) : open;
    for (let i = 0; i < PHONES; i++) {
      const phone = (from + i) % PHONES;
      const known = this.sent.findLast((one) => one.phone === phone && one.note !== 'refused');
      if (kind === 'again' && known !== undefined)
        return this.#deliver(known, fate, known.note === 'acknowledged' ? AGAIN : known.mayBe);
      const token = kind === 'again' || round === undefined ? undefined : this.#tokenFor(phone, kind, open);
      if (token !== undefined) return this.#try(phone, kind, fate, { round: round!, token });
    }
  }

  /** One that fits the open round, unspent or spent as the kind wants it; for `stale token` one that does not fit. */
  #tokenFor(phone: number, kind: SubmitKind, open: OpenRow | undefined): Token | undefined {
    const fits = open && this.#phones[phone]!.token(open.epoch, open.slot);
    const tokens =
      kind === 'stale token' ? [...this.#phones[phone]!.tokens.values()].filter((one) => one !== fits) : [fits];
    return tokens.find(
      (token) => token !== undefined && (this.#lastWith(token) !== undefined) === (kind === 'other update'),
    );
  }

  #lastWith(token: Token): Sent | undefined {
    return this.sent.findLast((one) => one.submission.token === token && one.note !== 'refused');
  }

  async #try(
    phone: number,
    kind: SubmitKind,
    fate: Fate,
    { round, token }: { round: OpenRow; token: Token },
  ): Promise<void> {
    if (this.sent.length >= PARAMETERS) return;
    const coordinate = this.sent.length;
    const values = Array.from({ length: PARAMETERS }, (_, at) => (at === coordinate ? 1 : 0));
    const submission = prepare(round, token, payloadOf(values));
    const failures = this.#failures.get(token.token) ?? 0;
    const mayBe = expected(kind, failures >= MOST_FAILURES, this.#lastWith(token));
    const one: Sent = { phone, roundId: round.id, submission, coordinate, note: 'refused', mayBe };
    if (kind === 'malformed') return this.#deliverMalformed(one, failures);
    this.sent.push(one);
    await this.#deliver(one, fate, mayBe);
  }

  /** Another body than the header names: refused, and the token is good until the third time. */
  async #deliverMalformed(one: Sent, failures: number): Promise<void> {
    const payload = Uint8Array.from(one.submission.payload);
    payload[0]! ^= 2;
    const answer = await this.#exchange({ ...one.submission, payload }, 'answered');
    if (answer === 'digest_mismatch') this.#failures.set(one.submission.token.token, failures + 1);
    expectAnswer(answer, failures >= MOST_FAILURES ? ['token_spent', ...LATE] : ['digest_mismatch', ...LATE]);
  }

  async #deliver(one: Sent, fate: Fate, mayBe: readonly string[]): Promise<void> {
    const answer = await this.#exchange(one.submission, fate);
    // The clock that races past the round's deadline may pass the upload's first.
    expectAnswer(answer, fate === 'raced' ? [...mayBe, 'too_slow'] : mayBe);
    if (answer === 'receipt') one.note = 'acknowledged';
    if (answer.startsWith('lost ') && one.note === 'refused' && mayBe.includes('receipt')) one.note = 'unknown';
  }

  /** @returns `receipt`, a refusal's code, or what was lost */
  async #exchange(submission: Submission, fate: Fate): Promise<string> {
    const { intake } = this.#servers;
    try {
      const opened: Opened = await intake.open(submission);
      if ('receipt' in opened) return checkReceipt(opened.receipt, submission);
      if (opened.upload.nextIndex === 0) await intake.chunk(opened.upload, 0, submission.payload);
      if (fate === 'request lost') return 'lost request';
      const committed = intake.commit(opened.upload);
      if (fate === 'raced') await Promise.allSettled([committed, this.#close('once')]);
      const receipt = await committed;
      return fate === 'answer lost' ? 'lost answer' : checkReceipt(receipt, submission);
    } catch (error) {
      if (error instanceof ProtocolError) return fate === 'answer lost' ? 'lost answer' : error.code;
      throw violation('submitting', error);
    }
  }

  async #manifest(): Promise<Manifest> {
    const { rows } = await this.premises.database.admin.query<{ bytes: Uint8Array }>(
      'select bytes from keys.manifest where use_case = $1 order by version desc limit 1',
      [this.useCase],
    );
    return decodeManifest(rows[0]!.bytes);
  }

  async #rounds(...states: string[]): Promise<OpenRow[]> {
    const { rows } = await this.premises.database.admin.query<OpenRow>(
      'select id, epoch, slot, record from rounds.round where use_case = $1 and state = any ($2) and record is not null order by sequence desc',
      [this.useCase, states],
    );
    return rows;
  }

  /** Everything is brought to its end, so that all that was accepted shows in a sum. */
  async finish(): Promise<void> {
    await this.#close('once');
    await this.#servers.end();
    const { admin } = this.premises.database;
    await admin.query(
      "update rounds.round set state = 'abandoned', reason = 'aborted' where use_case = $1 and state in ('scheduled', 'open')",
      [this.useCase],
    );
  }
}

const DEADLINE_SECONDS = 300;
const ROUND = {
  min: 1,
  target: 1000,
  deadlineMs: 1000 * DEADLINE_SECONDS,
  jitterMs: 0,
  waitMs: 86_400_000,
  finishMs: 86_400_000,
};

const LATE = ['round_closed', 'epoch_retired'];
/** Acknowledged once, acknowledged again, as long as its epoch lives. */
const AGAIN = ['receipt', 'epoch_retired'];
const UNSURE = ['receipt', ...LATE];
const MOST_FAILURES = 3;

/** What a first try may be told. @param before  what the same token was spent on, or may have been */
function expected(kind: SubmitKind, isBurnt: boolean, before: Sent | undefined): readonly string[] {
  if (kind === 'other round' || kind === 'stale token') return ['malformed_message', ...LATE];
  if (isBurnt || before?.note === 'acknowledged') return ['token_spent', ...LATE];
  return before === undefined ? UNSURE : ['token_spent', ...UNSURE];
}

function expectAnswer(answer: string, mayBe: readonly string[]): void {
  if (answer.startsWith('lost ') || mayBe.includes(answer)) return;
  throw new Violation(`the answer is ${answer}, not one of ${mayBe.join(', ')}`);
}

function checkReceipt(receipt: Uint8Array, submission: Submission): string {
  if (Buffer.from(receipt).toString('hex') !== receiptOf(submission)) throw new Violation('a forged receipt');
  return 'receipt';
}

const violation = (what: string, cause: unknown): Violation =>
  new Violation(`${what} broke: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`, { cause });
