import { monitorEventLoopDelay } from 'node:perf_hooks'

import { Gauge } from 'prom-client'
import type { Aggregator, Registry } from 'prom-client'

import { VERSION } from '../version.ts'
import type { MetricsSources } from './metrics.ts'

/** How finely the event loop's delay is sampled, in milliseconds. */
const LOOP_RESOLUTION_MS = 20

interface GaugeRow {
  readonly name: string
  readonly help: string
  readonly read: () => number | undefined | Promise<number | undefined>
  /** How the figures of several workers become one; the sum unless given. */
  readonly aggregator?: Aggregator
}

const PROCESS_GAUGES: readonly GaugeRow[] = [
  {
    name: 'relay_memory_resident_bytes',
    help: 'Resident memory of the process.',
    read: () => process.memoryUsage.rss(),
  },
  {
    name: 'relay_memory_heap_bytes',
    help: 'Used heap of the process.',
    read: () => process.memoryUsage().heapUsed,
  },
  {
    name: 'relay_start_time_seconds',
    help: 'Unix time of the start.',
    aggregator: 'min',
    read: () => performance.timeOrigin / 1000,
  },
]

/** @returns what lets go of the event loop's monitor */
export function createGauges(registry: Registry, sources: MetricsSources): () => void {
  const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
  delay.enable()
  const gauge = ({ name, help, read, aggregator = 'sum' }: GaugeRow): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      aggregator,
      registers: [registry],
      collect: async () => {
        const value = await read()
        if (value === undefined) made.remove()
        else made.set(value)
      },
    })
  }
  gauge({
    name: 'relay_in_flight_requests',
    help: 'Requests of the model API that live now.',
    read: sources.inFlight,
  })
  for (const row of PROCESS_GAUGES) gauge(row)
  gauge({
    name: 'relay_event_loop_delay_p99_seconds',
    help: 'Delay of the event loop, 99th percentile since the last look.',
    aggregator: 'max',
    read: () => {
      const seconds = Math.max(0, delay.percentile(99) / 1e9 - LOOP_RESOLUTION_MS / 1000)
      delay.reset()
      return Number.isFinite(seconds) ? seconds : 0
    },
  })
  gauge({
    name: 'relay_backup_age_seconds',
    help: 'Age of the newest backup; absent without one.',
    aggregator: 'min',
    read: async () => {
      const at = await sources.lastBackupAt()
      return at === undefined ? undefined : Math.max(0, (Date.now() - at) / 1000)
    },
  })
  createQueueGauge(registry, sources)
  createAccountGauges(registry, sources)
  new Gauge({
    name: 'relay_build_info',
    help: 'Which version this is.',
    labelNames: ['version'],
    aggregator: 'first',
    registers: [registry],
  }).set({ version: VERSION }, 1)
  return () => delay.disable()
}

function createQueueGauge(registry: Registry, { usageQueue }: MetricsSources): void {
  const records: Gauge<'state'> = new Gauge({
    name: 'relay_usage_queue_records',
    help: 'Usage records that wait to be written, and those that were lost since the start.',
    labelNames: ['state'],
    registers: [registry],
    collect: async () => {
      const { waiting, lost } = await usageQueue()
      records.set({ state: 'waiting' }, waiting)
      records.set({ state: 'lost' }, lost)
    },
  })
}

function createAccountGauges(registry: Registry, { accounts }: MetricsSources): void {
  const registers = [registry]
  const states: Gauge<'state'> = new Gauge({
    name: 'relay_accounts',
    help: 'Accounts by state.',
    labelNames: ['state'],
    aggregator: 'max',
    registers,
    collect: async () => {
      states.reset()
      const { byState } = await accounts()
      for (const [state, count] of byState) states.set({ state }, count)
    },
  })
  const cooldowns: Gauge<'cause'> = new Gauge({
    name: 'relay_cooldowns',
    help: 'Accounts × models that rest now, by cause.',
    labelNames: ['cause'],
    aggregator: 'max',
    registers,
    collect: async () => {
      cooldowns.reset()
      const { cooldownsByCause } = await accounts()
      for (const [cause, count] of cooldownsByCause) cooldowns.set({ cause }, count)
    },
  })
}
