import { Worker } from 'node:worker_threads'

import { collectGarbage } from '../../observe/collect-garbage.ts'
import { rememberFile } from '../../program-files.ts'
import { ServerError } from '../../server-error.ts'
import {
  type ErrandCall,
  type ErrandInput,
  type ErrandName,
  type ErrandReply,
  type ErrandResult,
  unpackError,
} from './messages.ts'

/** More at once are refused: each holds its body, and would wait longer than a client does. */
const MAX_WAITING = 100

/** In the source a program of its own, in the bundle a file beside this one. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? 'thread.ts' : 'long-work-thread.js', import.meta.url)

/**
 * Work on long bodies, done in a thread of its own, one errand after the other: however a body is made, it does not hold
 * up the streams of others. The thread is started when it is first needed, and ends when it has had nothing to do for long.
 */
export interface LongWork {
  /**
   * @param isWanted - asked when its turn comes; an errand that nobody waits for any more is not begun
   * @throws what the errand throws; ServerError `overloaded` when too many wait, `too_large` when it took more memory
   * than there is, `timeout` when it took too long, `client_abort` when it was not wanted any more
   */
  run<Name extends ErrandName>(
    name: Name,
    input: ErrandInput<Name>,
    isWanted?: () => boolean,
  ): Promise<ErrandResult<Name>>
  stop(): void
}

/** What a thread runs, and how long it may. */
export interface ThreadTerms {
  readonly program: URL
  /** For one errand; the largest body that is worked on takes a few seconds. */
  readonly maxMs: number
  /** Having nothing to do for so long it gives its memory back. */
  readonly idleMs: number
}

/** A cold thread takes twice as long for its first errand, and a warm one may hold some hundred megabytes. */
const USUAL_TERMS: ThreadTerms = { program: THREAD, maxMs: 60_000, idleMs: 60_000 }

/**
 * More than the worst body takes that is worked on, and not what the engine would choose by the size of the machine: a
 * body is parsed in one call, in which the engine can do nothing about a full heap but end the process.
 */
const MAX_HEAP_MB = 1024

interface Errand {
  readonly call: ErrandCall
  readonly isWanted: () => boolean
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

export function createLongWork({ program, maxMs, idleMs }: ThreadTerms = USUAL_TERMS): LongWork {
  const waiting: Errand[] = []
  let current: Errand | undefined
  let thread: Worker | undefined
  /** Until the current errand has taken too long, or the thread has been idle for long enough. */
  let timer: NodeJS.Timeout | undefined
  const requireProgram = rememberFile(program)

  /** @throws when the program was replaced by that of another build, which may be told in other words */
  function start(): Worker {
    requireProgram()
    const worker = new Worker(program, { name: 'long-work', resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } })
    let reason: Error = new Error('the thread for long work has ended')
    worker.on('message', (reply: ErrandReply) => {
      if (thread === worker) settle(reply)
    })
    worker.on('error', (error: Error) => void (reason = isOutOfMemory(error) ? tooLarge() : error))
    worker.on('exit', () => {
      if (thread === worker) giveUp(reason)
    })
    return worker
  }

  function beginNext(): void {
    clearTimeout(timer)
    current = nextWanted(waiting)
    if (current === undefined) return rest()
    timer = setTimeout(() => giveUp(tooSlow()), maxMs)
    try {
      thread ??= start()
      thread.ref()
      thread.postMessage(current.call, [])
    } catch (error) {
      giveUp(error)
    }
  }

  function rest(): void {
    thread?.unref()
    timer = setTimeout(retire, idleMs).unref()
  }

  /** What was handed to the thread and back lies here, and the engine is in no hurry with it. */
  function retire(): void {
    end()
    collectGarbage()
  }

  function settle(reply: ErrandReply): void {
    if (reply.ok) current?.resolve(reply.result)
    else current?.reject(unpackError(reply.error))
    beginNext()
  }

  /** The thread is of no use any more, and the errand it was at is to blame. */
  function giveUp(reason: unknown): void {
    end()
    current?.reject(reason)
    beginNext()
  }

  function end(): void {
    clearTimeout(timer)
    void thread?.terminate()
    thread = undefined
  }

  return {
    run: <Name extends ErrandName>(name: Name, input: ErrandInput<Name>, isWanted = () => true) => {
      if (waiting.length >= MAX_WAITING) return Promise.reject(tooMany())
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      waiting.push({ call: { name, input }, isWanted, resolve, reject })
      if (current === undefined) beginNext()
      return promise as Promise<ErrandResult<Name>> // what the errand of that name gave
    },
    stop: end,
  }
}

function nextWanted(waiting: Errand[]): Errand | undefined {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (next.isWanted()) return next
    next.reject(new ServerError('client_abort', 'the client left before its request was converted'))
  }
  return undefined
}

function isOutOfMemory(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
}

function tooLarge(): ServerError {
  return new ServerError('too_large', 'the body takes more memory to be converted than there is')
}

function tooSlow(): ServerError {
  return new ServerError('timeout', 'the body takes too long to be converted')
}

function tooMany(): ServerError {
  const message = 'too many long requests wait to be converted; try again'
  return new ServerError('overloaded', message, { retryAfterMs: 1000 })
}
