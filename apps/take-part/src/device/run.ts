import { ClientError, type Device, type DeviceEvent, type Participation, type TrainingInput } from '#client/browser';

import type { HistoryEntry, Memory } from '../memory/memory.js';
import { TRAINING } from '../training/messages.js';
import { trainInWorker } from '../training/train-in-worker.js';
import { askCoordinator, describeRounds, type RoundNews } from './coordinator.js';
import { audited, entryOf } from './history.js';
import type { PageState } from './page-state.js';
import { problemOf, SKIPPED, UNANSWERED } from './problems.js';
import { keepAwake } from './surroundings.js';
import type { Terms } from './terms.js';
import { summarize } from './update-summary.js';

/** About how often the device looks for a round, and exactly how often the page shows what everybody may see. */
const POLL_MS = 5000;
const WATCH_MS = 3000;

export interface RunParts {
  readonly device: Device;
  readonly terms: Terms;
  readonly memory: Memory;
  readonly state: () => PageState;
  readonly show: (patch: Partial<PageState>) => void;
}

/** Taking part until it is paused: looks for rounds, trains, sends, and asks later whether it was counted. */
export class Run {
  #running: AbortController | undefined;
  readonly #over = new AbortController();
  #ended = new Set<string>();
  /** an update was to leave, and nobody answered */
  #isInDoubt = false;

  constructor(private readonly parts: RunParts) {}

  start(): void {
    if (this.#running !== undefined) return;
    const running = new AbortController();
    this.#running = running;
    this.parts.show({ isRunning: true, problem: undefined });
    keepAwake(running.signal, (isAwake) => this.parts.show({ isAwake }));
    const train = (input: TrainingInput): Promise<Float32Array> => this.#train(input, running.signal);
    const options = { signal: running.signal, pollMs: POLL_MS, onEvent: (event: DeviceEvent) => this.#hear(event) };
    this.parts.device.run(train, options).then(
      () => this.pause(),
      (error: unknown) => {
        this.pause();
        this.parts.show({ problem: problemOf(error) });
      },
    );
  }

  pause(): void {
    this.#running?.abort();
    this.#running = undefined;
    // What has not left yet stays marked, and is sent byte for byte the same by the next start.
    const unsent = this.parts.state().isSending ? { update: undefined } : {};
    this.parts.show({ isRunning: false, isAwake: undefined, training: undefined, isSending: false, ...unsent });
  }

  end(): void {
    this.#over.abort();
    this.pause();
  }

  /** Shows the rounds as everybody sees them; asks after every round that has ended, taken part or not. */
  watch(): void {
    const look = async (): Promise<void> => {
      const path = `/v1/rounds?useCase=${this.parts.terms.useCase}`;
      const rounds = await askCoordinator<RoundNews[]>(this.parts.terms.coordinator, path);
      this.parts.show({ rounds: describeRounds(rounds) });
      const ended = rounds.filter(({ state }) => state === 'published' || state === 'abandoned').map(({ id }) => id);
      if (ended.every((id) => this.#ended.has(id))) return;
      await this.#audit();
      // Published, and not in the log yet: then it is asked about again.
      const isWaiting = (id: string): boolean => this.parts.state().history.some((entry) => isUnaudited(entry, id));
      this.#ended = new Set(ended.filter((id) => !isWaiting(id)));
    };
    // What fails is tried again at the next look.
    const again = (): void => void look().catch(() => undefined);
    const timer = setInterval(again, WATCH_MS);
    this.#over.signal.addEventListener('abort', () => clearInterval(timer));
    // In the background timers are slow, or stand still.
    document.addEventListener('visibilitychange', again, { signal: this.#over.signal });
    again();
  }

  async #train(input: TrainingInput, signal: AbortSignal): Promise<Float32Array> {
    const { terms, state, show } = this.parts;
    const { examples } = state();
    const { topology } = terms.model;
    if (examples === undefined || topology === undefined) throw new Error('There is nothing to train on.');
    show({ training: undefined, update: undefined, note: undefined, isSending: false });
    const { inputs, labels } = examples;
    const parameters = Float32Array.from(input.parameters);
    const order = { topology, parameters, inputs, labels, settings: TRAINING, proximalMu: input.proximalMu };
    const trained = await trainInWorker(order, (training) => show({ training }), signal).catch((cause: unknown) => {
      // What trains is loaded now: without a connection that is no fault of the model's, and passes.
      if (state().surroundings?.isOffline !== true) throw cause;
      throw new ClientError('unreachable', 'what trains could not be loaded', { cause });
    });
    const update = summarize(parameters, trained, { clip: input.clip, bytes: terms.bytes });
    show({ update, isSending: true, training: undefined });
    return trained;
  }

  #hear(event: DeviceEvent): void {
    if (event.kind === 'failed') this.#fail(event);
    if (event.kind === 'round') void this.#remember(event.participation);
  }

  #fail({ during, error }: Extract<DeviceEvent, { readonly kind: 'failed' }>): void {
    const { show, state } = this.parts;
    const problem = problemOf(error);
    show({ problem });
    if (during === 'fetching') return;
    this.#isInDoubt ||= state().isSending && problem.passes === 'by itself';
    show({ training: undefined, isSending: this.#isInDoubt });
  }

  async #remember(participation: Participation): Promise<void> {
    const { show, state, memory } = this.parts;
    const wasInDoubt = this.#isInDoubt;
    this.#isInDoubt = false;
    if (state().problem?.passes !== undefined) show({ problem: undefined });
    if (participation.outcome === 'skipped') {
      const { reason } = participation;
      const isToldAlready = reason === 'no_open_round' && state().note === UNANSWERED;
      if (wasInDoubt) show({ note: UNANSWERED, update: undefined, isSending: false });
      else if (reason !== 'already_submitted' && !isToldAlready) show({ note: SKIPPED[reason] });
      return;
    }
    const history = [entryOf(participation, state().update, Date.now()), ...state().history];
    show({ history, isSending: false, problem: undefined });
    await memory.write('history', history);
  }

  async #audit(): Promise<void> {
    const { device, show, state, memory } = this.parts;
    const found = await device.audit();
    const history = audited(state().history, found, device.manifest);
    show({ history });
    await memory.write('history', history);
  }
}

const isUnaudited = ({ roundId, receipt, outcome }: HistoryEntry, id: string): boolean =>
  roundId === id && receipt !== null && outcome === 'waiting';
