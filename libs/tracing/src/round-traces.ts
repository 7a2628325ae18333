import type { RoundSpan, TracedRound } from './round-span.js';

/** Where steps of rounds are reported. */
export interface RoundTraces {
  /** whether anybody gets them: else finding out about a round is work for nobody */
  readonly isOn: boolean;
  add(span: RoundSpan): void;
  /** Does the work, and reports it for each round that it turns out to have been about. */
  during<T>(
    step: Pick<RoundSpan, 'name' | 'isRoot'>,
    work: () => Promise<T>,
    roundsOf: (result: T) => readonly TracedRound[],
  ): Promise<T>;
  /** Sends what there is, or soon gives up. */
  close(): Promise<void>;
}

/** Reports to nobody. */
class NoTraces implements RoundTraces {
  readonly isOn: boolean = false;

  add(span: RoundSpan): void {
    void span;
  }

  async during<T>(
    step: Pick<RoundSpan, 'name' | 'isRoot'>,
    work: () => Promise<T>,
    roundsOf: (result: T) => readonly TracedRound[],
  ): Promise<T> {
    const from = Date.now();
    const result = await work();
    for (const round of roundsOf(result)) this.add({ ...step, round, from, to: Date.now() });
    return result;
  }

  async close(): Promise<void> {}
}

export const NO_TRACES: RoundTraces = new NoTraces();

/** Reports to an OpenTelemetry collector. */
class SentTraces extends NoTraces {
  override readonly isOn = true;

  constructor(private readonly sender: { add(span: RoundSpan): void; close(): Promise<void> }) {
    super();
  }

  override add(span: RoundSpan): void {
    this.sender.add(span);
  }

  override close(): Promise<void> {
    return this.sender.close();
  }
}

/**
 * With `OTEL_EXPORTER_OTLP_ENDPOINT` spans go there, over HTTP; OpenTelemetry's other variables count too. Without it
 * nothing of OpenTelemetry is even loaded.
 *
 * @param process  named in every span
 */
export async function openRoundTraces(
  process: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<RoundTraces> {
  if (!env['OTEL_EXPORTER_OTLP_ENDPOINT']) return NO_TRACES;
  const { SpanSender } = await import('./span-sender.js');
  return new SentTraces(new SpanSender(process));
}
