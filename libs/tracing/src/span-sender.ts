import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags, type Attributes, type Context } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  RandomIdGenerator,
  type IdGenerator,
} from '@opentelemetry/sdk-trace-node';

import type { RoundSpan, TracedRound } from './round-span.js';
import { traceOfRound } from './trace-of-round.js';

/** Between two sendings, ms. */
const DELAY_MS = 1000;
/** For one sending, ms. */
const EXPORT_MS = 3000;
/** For the last one: nobody's shutdown waits for a collector. */
const CLOSE_MS = 300;

/** Ids as they are wanted for the next span; else chance. */
class RoundIds implements IdGenerator {
  wanted: ReturnType<typeof traceOfRound> | undefined;
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    return this.wanted?.traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.wanted?.rootSpanId ?? this.#random.generateSpanId();
  }
}

/** OpenTelemetry's SDK, with what it needs and nothing registered globally: only spans that are added here exist. */
export class SpanSender {
  readonly #ids = new RoundIds();
  readonly #provider: NodeTracerProvider;

  constructor(process: string) {
    const exporter = new OTLPTraceExporter({ timeoutMillis: EXPORT_MS });
    this.#provider = new NodeTracerProvider({
      resource: resourceFromAttributes({ 'service.name': `starling-${process}`, 'service.namespace': 'starling' }),
      idGenerator: this.#ids,
      spanProcessors: [
        new BatchSpanProcessor(exporter, { scheduledDelayMillis: DELAY_MS, exportTimeoutMillis: EXPORT_MS }),
      ],
    });
  }

  add({ name, round, from, to, isRoot = false, error }: RoundSpan): void {
    const ids = traceOfRound(round.id);
    const options = { startTime: from, attributes: attributesOf(round), root: isRoot };
    this.#ids.wanted = isRoot ? ids : undefined;
    const span = this.#provider.getTracer('starling').startSpan(name, options, isRoot ? ROOT_CONTEXT : below(ids));
    this.#ids.wanted = undefined;
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    span.end(to);
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MS)));
    await Promise.race([this.#provider.shutdown().catch(() => undefined), late]);
    clearTimeout(timer);
  }
}

const below = ({ traceId, rootSpanId }: ReturnType<typeof traceOfRound>): Context =>
  trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: rootSpanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });

const attributesOf = ({ id, useCase, sequence, shard }: TracedRound): Attributes => ({
  'starling.round': id,
  'starling.use_case': useCase,
  ...(sequence === undefined ? {} : { 'starling.sequence': sequence }),
  ...(shard === undefined ? {} : { 'starling.shard': shard }),
});
