import cluster, { type Worker } from 'node:cluster'
import type { Readable } from 'node:stream'

import { AggregatorRegistry } from 'prom-client'
import type { PrometheusContentType } from 'prom-client'

import { EXIT_CODES } from '../exit-error.ts'
import type { Log } from '../observe/log.ts'
import type { StopSignals } from '../stop-signals.ts'
import { carryLines } from './carry-lines.ts'
import { closeHandedOver } from './close-handed-over.ts'
import { type OrderToWorker, PART_VARIABLE, type WordOfWorker, type WorkerPart } from './messages.ts'

export interface WorkersOptions {
  /** How many processes serve; two or more. */
  readonly count: number
  readonly log: Log
  readonly signals: StopSignals
}

type Metrics = Pick<AggregatorRegistry<PrometheusContentType>, 'clusterMetrics'>

/** Between the death of a worker and the start of another one. */
const RESTART_PAUSE_MS = 1000

/**
 * Runs workers until a signal asks for a stop. The first one starts alone, so that what is done once is done when the
 * others begin; a start that it refuses is refused as a whole.
 *
 * @returns the exit code of the stop, or of the first worker when it could not begin
 */
export async function runWorkers({ count, log, signals }: WorkersOptions): Promise<number> {
  cluster.setupPrimary({ stdio: ['inherit', 'pipe', 'inherit', 'ipc'] })
  const metrics = new AggregatorRegistry()
  let isStopping = false

  const start = (part: WorkerPart): Worker => {
    const worker = cluster.fork({ [PART_VARIABLE]: part })
    closeHandedOver(worker)
    carryLines(worker.process.stdout as Readable, process.stdout) // a pipe, as set up above
    worker.on('message', (word: WordOfWorker) => {
      if (word.type === 'relay:ready') log.info({ pid: worker.process.pid, part }, 'a worker serves')
      void answerMetrics(metrics, worker, word)
    })
    return worker
  }
  const keepAlive = (worker: Worker, part: WorkerPart): void => {
    worker.once('exit', (code, signal) => {
      if (isStopping) return
      log.error({ pid: worker.process.pid, code, signal }, 'a worker died; another one is started')
      setTimeout(() => {
        if (!isStopping) keepAlive(start(part), part)
      }, RESTART_PAUSE_MS)
    })
  }

  const first = start('first')
  const refused = await begin(first, signals)
  if (refused !== undefined) return refused
  keepAlive(first, 'again')
  for (let index = 1; index < count; index++) keepAlive(start('further'), 'further')

  const signal = await signals.first
  isStopping = true
  return stopAll({ type: 'relay:stop', signal })
}

/** @returns the exit code of a worker that ended before it served */
async function begin(worker: Worker, signals: StopSignals): Promise<number | undefined> {
  const ended = endOf(worker)
  const ready = Promise.withResolvers<undefined>()
  worker.on('message', ({ type }: WordOfWorker) => {
    if (type === 'relay:ready') ready.resolve(undefined)
  })
  const stopped = signals.first.then((signal) => {
    send(worker, { type: 'relay:stop', signal })
    return ended
  })
  return Promise.race([ended, ready.promise, stopped])
}

async function stopAll(order: OrderToWorker): Promise<number> {
  const codes = await Promise.all(
    Object.values(cluster.workers ?? {}).map(async (worker) => {
      if (worker === undefined || worker.isDead()) return EXIT_CODES.ok
      const ended = endOf(worker)
      send(worker, order)
      return ended
    }),
  )
  return Math.max(EXIT_CODES.ok, ...codes)
}

/** @returns its exit code; a signal that ended it counts as a failure */
async function endOf(worker: Worker): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  worker.once('exit', (code: number | null) => resolve(code ?? EXIT_CODES.failed))
  return promise
}

async function answerMetrics(metrics: Metrics, worker: Worker, word: WordOfWorker): Promise<void> {
  if (word.type !== 'relay:metrics') return
  const text = await metrics.clusterMetrics().catch(() => undefined) // whoever asked is told
  send(worker, { type: 'relay:metrics', id: word.id, text })
}

function send(worker: Worker, order: OrderToWorker): void {
  if (worker.isConnected()) worker.send(order)
}
