import type { Environment } from '../config/environment.ts'
import { STOP_SIGNALS, type StopSignals } from '../stop-signals.ts'
import { type OrderToWorker, PART_VARIABLE, type WordOfWorker } from './messages.ts'

/** What a worker knows of its place among the others. */
export interface WorkerPlace {
  /** It does what one of them has to do: configuration file, demo, first secrets, daily backup. */
  readonly isFirst: boolean
  /** It stands in for one that died: what a start tells people was told before. */
  readonly isAgain: boolean
  /** A stop comes from the first process, and often from the terminal or the service manager, too: it counts once. */
  readonly signals: StopSignals
  /** Tells the first process that this worker serves. */
  noteReady(): void
  /** The metrics of all workers, added up. @throws Error when they cannot be had */
  renderMetrics(): Promise<string>
}

/** @returns `undefined` where this process is no worker */
export function findWorkerPlace(environment: Environment): WorkerPlace | undefined {
  const part = environment[PART_VARIABLE]
  if (part === undefined || process.send === undefined) return undefined
  return {
    isFirst: part !== 'further',
    isAgain: part === 'again',
    signals: watchOrders(),
    noteReady: () => say({ type: 'relay:ready' }),
    renderMetrics: askForMetrics(),
  }
}

function say(word: WordOfWorker): void {
  process.send?.(word)
}

function watchOrders(): StopSignals {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>()
  const onOrder = (order: OrderToWorker): void => {
    if (order.type === 'relay:stop') resolve(order.signal)
  }
  process.on('message', onOrder)
  for (const signal of STOP_SIGNALS) process.on(signal, resolve)
  return {
    first: promise,
    release: () => {
      process.off('message', onOrder)
      for (const signal of STOP_SIGNALS) process.off(signal, resolve)
    },
  }
}

function askForMetrics(): () => Promise<string> {
  const waiting = new Map<number, (text: string | undefined) => void>()
  let lastId = 0
  process.on('message', (order: OrderToWorker) => {
    if (order.type !== 'relay:metrics') return
    waiting.get(order.id)?.(order.text)
    waiting.delete(order.id)
  })
  return async () => {
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    lastId += 1
    waiting.set(lastId, resolve)
    say({ type: 'relay:metrics', id: lastId })
    const text = await promise
    if (text === undefined) throw new Error('the metrics of the workers could not be added up')
    return text
  }
}
