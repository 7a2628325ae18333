import type { ProcessState, ProcessView } from '#protocol';

/** Longest wait for a process's answer, ms: `/ready` answers within two seconds. */
const PATIENCE_MS = 2500;
/** What the event loop's gauge counts of its own measuring, ms. */
const OWN_LAG_MS = 10;

/** A process that can be asked how it is. */
export interface WatchedProcess {
  readonly name: string;
  /** @returns undefined when it can do its work */
  reason(): Promise<string | undefined>;
  /** in the text format of Prometheus */
  metrics(): Promise<string>;
}

/** What a process said of itself at one moment. */
export interface Reading {
  readonly view: ProcessView;
  /** totals since it started, by metric: what tells rates */
  readonly totals: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
}

/** A process at a URL, by what everybody can read there. */
export function processAt(name: string, url: string): WatchedProcess {
  const ask = (path: string): Promise<Response> => fetch(`${url}${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  return {
    name,
    reason: async () => {
      const answer = await ask('/ready');
      const { status } = (await answer.json()) as { readonly status: string };
      return answer.status === 200 ? undefined : status;
    },
    metrics: async () => {
      const answer = await ask('/metrics');
      return answer.ok ? answer.text() : '';
    },
  };
}

export async function readProcess(process: WatchedProcess): Promise<Reading> {
  const [state, text] = await Promise.all([stateOf(process), process.metrics().catch(() => '')]);
  const samples = parse(text);
  const value = (metric: string): number | null =>
    samples.some(({ name }) => name === metric) ? total(samples, metric) : null;
  const started = value('process_start_time_seconds');
  const lag = value('nodejs_eventloop_lag_p99_seconds');
  return {
    view: {
      name: process.name,
      ...state,
      startedAt: started === null ? null : new Date(1000 * started).toISOString(),
      eventLoopLagMs: lag === null ? null : Math.max(0, Math.round(1000 * lag) - OWN_LAG_MS),
      memoryBytes: value('process_resident_memory_bytes'),
      connections: value('starling_connections'),
    },
    totals: Object.fromEntries(RATED.map((metric) => [metric, total(samples, metric)])),
    refusals: refusalsIn(samples),
  };
}

const ISSUED = 'starling_issued_tokens_total';
const REDEEMED = 'starling_redeemed_tokens_total';
const ACCEPTED = 'starling_accepted_updates_total';
const REFUSED = 'starling_refused_total';
const SHED = 'starling_shed_total';
const RATED = [ISSUED, REDEEMED, ACCEPTED, REFUSED, SHED];
export const TOTALS = { issued: ISSUED, redeemed: REDEEMED, accepted: ACCEPTED, refused: REFUSED, shed: SHED } as const;

async function stateOf(process: WatchedProcess): Promise<{ state: ProcessState; reason: string | null }> {
  try {
    const reason = await process.reason();
    return reason === undefined ? { state: 'ready', reason: null } : { state: 'waiting', reason };
  } catch {
    return { state: 'away', reason: 'it gives no answer' };
  }
}

interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)$/;

const parse = (text: string): Sample[] =>
  text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels, value: Number(value) }];
  });

const total = (samples: readonly Sample[], metric: string): number =>
  samples.reduce((sum, { name, value }) => (name === metric ? sum + value : sum), 0);

function refusalsIn(samples: readonly Sample[]): Record<string, number> {
  const refused = samples.filter(({ name }) => name === REFUSED);
  return Object.fromEntries(refused.map(({ labels, value }) => [/code="(\w+)"/.exec(labels)?.[1] ?? '', value]));
}
