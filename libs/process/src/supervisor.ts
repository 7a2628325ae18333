import { ProcessError } from './errors.js';
import { type ChildPlan, SupervisedRun } from './supervised-run.js';

export interface RunningChild {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
}

export interface SupervisorOptions {
  /** Each line a child writes, to stdout or stderr, without its line end. */
  readonly onLine?: (name: string, line: string) => void;
  /** A child died unasked. `restartInMs` is undefined when it will not be started again. */
  readonly onCrash?: (name: string, error: ProcessError, restartInMs: number | undefined) => void;
  /** A child that was started again is ready; its port may be another. */
  readonly onRestart?: (child: RunningChild) => void;
  /** Wait before the first restart, doubled for each one that follows soon; default 250. */
  readonly firstBackOffMs?: number;
  /** No wait is longer; default 10 000. */
  readonly longestBackOffMs?: number;
}

/** Who ran this long was healthy: its next crash is a first one again. */
const HEALTHY_MS = 30_000;

interface Slot {
  readonly plan: ChildPlan;
  run: SupervisedRun;
  crashes: number;
  timer?: NodeJS.Timeout;
}

/**
 * Starts the processes of one Starling and stops them in reverse order. They end with their supervisor: when it exits they are
 * killed, and when it is killed they see their IPC channel close (`stopOnSignals`).
 */
export class Supervisor {
  private readonly slots: Slot[] = [];
  private stopped: Promise<void> | undefined;
  private readonly onExit = (): void => this.slots.forEach(({ run }) => run.kill());

  constructor(private readonly options: SupervisorOptions = {}) {
    process.on('exit', this.onExit);
  }

  /**
   * Starts a child and waits until it says it is ready.
   *
   * @throws ProcessError `died_before_ready` or `ready_timeout` with the tail of its stderr; `stopping` after `stopAll`
   */
  async start(plan: ChildPlan): Promise<RunningChild> {
    if (this.stopped) throw new ProcessError('stopping', `${plan.name} is not started: everything is being stopped`);
    const slot: Slot = { plan, run: this.launch(plan), crashes: 0 };
    this.slots.push(slot);
    return this.attend(slot);
  }

  /**
   * Stops all children, the last started first, each with SIGTERM and, `graceMs` later, SIGKILL.
   * Later calls wait for the first.
   */
  stopAll(graceMs: number = 10_000): Promise<void> {
    this.stopped ??= this.stopInReverse(graceMs);
    return this.stopped;
  }

  private async stopInReverse(graceMs: number): Promise<void> {
    for (const { timer } of this.slots) clearTimeout(timer);
    for (const { run } of this.slots.toReversed()) await run.stop(graceMs);
    process.off('exit', this.onExit);
  }

  private launch(plan: ChildPlan): SupervisedRun {
    return new SupervisedRun(plan, this.options.onLine ?? (() => undefined));
  }

  private async attend(slot: Slot): Promise<RunningChild> {
    const { plan, run } = slot;
    const port = await run.ready();
    const readyAt = performance.now();
    void run.ended.then((how) => {
      if (this.stopped) return;
      if (performance.now() - readyAt > HEALTHY_MS) slot.crashes = 0;
      this.crashed(slot, run.error('crashed', `${plan.name} ended unasked (${how})`));
    });
    return { name: plan.name, port, pid: run.pid };
  }

  private crashed(slot: Slot, error: ProcessError): void {
    if (this.stopped) return;
    const { plan } = slot;
    const { firstBackOffMs = 250, longestBackOffMs = 10_000, onCrash } = this.options;
    const wait = plan.restart ? Math.min(firstBackOffMs * 2 ** slot.crashes++, longestBackOffMs) : undefined;
    onCrash?.(plan.name, error, wait);
    if (wait !== undefined) slot.timer = setTimeout(() => void this.restart(slot), wait);
  }

  private async restart(slot: Slot): Promise<void> {
    slot.run = this.launch(slot.plan);
    try {
      this.options.onRestart?.(await this.attend(slot));
    } catch (error) {
      this.crashed(slot, error as ProcessError);
    }
  }
}
