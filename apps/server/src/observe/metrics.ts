import { AggregatorRegistry, Counter, Histogram, Registry } from 'prom-client'

import { createGauges } from './gauges.ts'

/** What is measured of one finished request. Every label has a closed list of values, or is an operator's name: none comes from a client. */
export interface RequestSample {
  /** Formats as in the usage record; `none` where no upstream was reached. */
  readonly client: string
  readonly upstream: string
  readonly isStream: boolean
  /** One of the usage record's reasons. */
  readonly reason: string
  /** HTTP status the client got. */
  readonly status: number
  readonly durationMs: number
  readonly firstTokenMs: number | undefined
  /** Time in Relay outside of the attempts at upstreams. */
  readonly overheadMs: number
  /** The attempts after which another followed, each with its reason and the name of its account. */
  readonly failovers: readonly { readonly reason: string; readonly account: string }[]
  readonly conversion: ConversionSample | undefined
}

/** What converting took; both sides may be the same format. */
export interface ConversionSample {
  readonly requestMs: number
  readonly answerMs: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** Events of the upstream's stream and of the client's; 0 for a whole answer. */
  readonly eventsIn: number
  readonly eventsOut: number
  readonly losses: readonly { readonly code: string; readonly level: string }[]
  /** By the id of a custom rule; ids are the operator's. */
  readonly rules: ReadonlyMap<string, { readonly applied: number; readonly ns: number | undefined }>
}

/** What is looked at when somebody asks; all of it must be cheap or cached. */
export interface MetricsSources {
  readonly inFlight: () => number
  /** Accounts by state, cooldowns by cause. */
  readonly accounts: () => Promise<AccountCounts>
  readonly usageQueue: () => Promise<{ readonly waiting: number; readonly lost: number }>
  /** Unix time of the newest backup in milliseconds; `undefined` when there is none. */
  readonly lastBackupAt: () => Promise<number | undefined>
  /** With several workers on one port: the metrics of all of them as Prometheus text. */
  readonly ofAllWorkers?: (() => Promise<string>) | undefined
}

/** How the accounts are. */
export interface AccountCounts {
  readonly byState: ReadonlyMap<string, number>
  readonly cooldownsByCause: ReadonlyMap<string, number>
}

/** The process's metrics. */
export interface Metrics {
  observeRequest(sample: RequestSample): void
  observeStore(operation: string, durationMs: number, isGood: boolean): void
  /** Prometheus text, and its content type. */
  render(): Promise<{ readonly text: string; readonly contentType: string }>
  close(): void
}

/** Seconds: from a store in memory to a long answer. */
const FAST = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
const SLOW = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]

/** Makes the metrics. They cost a few microseconds for a request, and nothing for a token. */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry()
  const requests = createRequestMetrics(registry)
  const conversion = createConversionMetrics(registry)
  const rules = createRuleMetrics(registry)
  const store = createStoreMetrics(registry)
  const closeGauges = createGauges(registry, sources)
  if (sources.ofAllWorkers !== undefined) shareFigures(registry)
  return {
    observeRequest: (sample) => {
      requests(sample)
      if (sample.conversion === undefined) return
      conversion(sample, sample.conversion)
      rules(sample.conversion)
    },
    observeStore: store,
    render: async () => ({
      text: await (sources.ofAllWorkers?.() ?? registry.metrics()),
      contentType: registry.contentType,
    }),
    close: closeGauges,
  }
}

/** Gives this process's figures to the first process whenever it adds them up. */
function shareFigures(registry: Registry): void {
  AggregatorRegistry.setRegistries([registry])
  // Made for what its making does: it begins to listen for the question.
  const listening = new AggregatorRegistry()
  listening.clear()
}

function createRequestMetrics(registry: Registry): (sample: RequestSample) => void {
  const registers = [registry]
  const total = new Counter({
    name: 'relay_requests_total',
    help: 'Finished requests of the model API.',
    labelNames: ['client', 'upstream', 'stream', 'reason', 'status'],
    registers,
  })
  const pair = ['client', 'upstream', 'stream'] as const
  const duration = new Histogram({
    name: 'relay_request_duration_seconds',
    help: 'From the first byte of a request to the last one of its answer.',
    labelNames: pair,
    buckets: SLOW,
    registers,
  })
  const firstToken = new Histogram({
    name: 'relay_first_token_seconds',
    help: 'From the first byte of a request to the first meaningful output.',
    labelNames: pair,
    buckets: SLOW,
    registers,
  })
  const overhead = new Histogram({
    name: 'relay_overhead_seconds',
    help: 'Time in Relay outside of the attempts at upstreams.',
    labelNames: ['client', 'upstream'],
    buckets: FAST,
    registers,
  })
  const failovers = new Counter({
    name: 'relay_failovers_total',
    help: 'Failed attempts after which the same request was tried again.',
    labelNames: ['account', 'reason'],
    registers,
  })
  return (sample) => {
    const { client, upstream, isStream, reason } = sample
    const labels = { client, upstream, stream: isStream ? 'yes' : 'no' }
    total.inc({ ...labels, reason, status: String(sample.status) })
    duration.observe(labels, sample.durationMs / 1000)
    if (sample.firstTokenMs !== undefined) firstToken.observe(labels, sample.firstTokenMs / 1000)
    overhead.observe({ client, upstream }, sample.overheadMs / 1000)
    for (const failed of sample.failovers) failovers.inc({ ...failed })
  }
}

function createConversionMetrics(registry: Registry): (sample: RequestSample, conversion: ConversionSample) => void {
  const registers = [registry]
  const pair = ['client', 'upstream'] as const
  const time = new Histogram({
    name: 'relay_conversion_seconds',
    help: 'Time spent converting, for a request or for its whole answer.',
    labelNames: [...pair, 'part'],
    buckets: FAST,
    registers,
  })
  const bytes = new Counter({
    name: 'relay_answer_bytes_total',
    help: 'Bytes of answers: in = from upstreams, out = to clients.',
    labelNames: [...pair, 'direction'],
    registers,
  })
  const events = new Counter({
    name: 'relay_stream_events_total',
    help: 'Events of streams: in = from upstreams, out = to clients.',
    labelNames: [...pair, 'direction'],
    registers,
  })
  const losses = new Counter({
    name: 'relay_losses_total',
    help: 'Losses of conversions, by code and level.',
    labelNames: [...pair, 'code', 'level'],
    registers,
  })
  return ({ client, upstream }, sample) => {
    const labels = { client, upstream }
    time.observe({ ...labels, part: 'request' }, sample.requestMs / 1000)
    time.observe({ ...labels, part: 'answer' }, sample.answerMs / 1000)
    bytes.inc({ ...labels, direction: 'in' }, sample.bytesIn)
    bytes.inc({ ...labels, direction: 'out' }, sample.bytesOut)
    events.inc({ ...labels, direction: 'in' }, sample.eventsIn)
    events.inc({ ...labels, direction: 'out' }, sample.eventsOut)
    for (const { code, level } of sample.losses) losses.inc({ ...labels, code, level })
  }
}

function createRuleMetrics(registry: Registry): (sample: ConversionSample) => void {
  const registers = [registry]
  const labelNames = ['rule']
  const applied = new Counter({
    name: 'relay_rules_applied_total',
    help: 'Bodies and events that a custom rule changed, warned of or refused.',
    labelNames,
    registers,
  })
  const time = new Counter({
    name: 'relay_rule_seconds_total',
    help: 'Time that a custom rule took, in vain or not.',
    labelNames,
    registers,
  })
  return ({ rules }) => {
    for (const [rule, figures] of rules) {
      applied.inc({ rule }, figures.applied)
      time.inc({ rule }, (figures.ns ?? 0) / 1e9)
    }
  }
}

function createStoreMetrics(registry: Registry): Metrics['observeStore'] {
  const registers = [registry]
  const time = new Histogram({
    name: 'relay_store_seconds',
    help: 'Time of the store’s operations.',
    labelNames: ['operation'],
    buckets: FAST,
    registers,
  })
  const errors = new Counter({
    name: 'relay_store_errors_total',
    help: 'Operations of the store that failed.',
    labelNames: ['operation'],
    registers,
  })
  return (operation, durationMs, isGood) => {
    time.observe({ operation }, durationMs / 1000)
    if (!isGood) errors.inc({ operation })
  }
}
