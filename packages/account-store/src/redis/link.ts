import { StoreError } from '../store-error.ts'
import type { RedisClient } from './connect.ts'
import { createPace } from './pace.ts'
import type { Script } from './scripts/script.ts'
import type { ErrorTranslator } from './to-store-error.ts'

/** What a command is given. */
export type RedisArgument = string | number

/** One command: its name, its arguments. */
export type RedisCommand = readonly [name: string, ...arguments_: RedisArgument[]]

/** What a script is run with. */
export interface ScriptInput {
  readonly keys: readonly string[]
  readonly args: readonly RedisArgument[]
}

/**
 * The connection as the rooms see it: every command ends within a second, one way or the other, and is never sent twice.
 *
 * While the server does not answer, commands are refused at once; those that come within a second after the connection was
 * lost wait for it, a bounded number of them. While it answers so slowly that what one request asks would take too long, that
 * is refused, and what nobody waits for is sent. Whoever asks with `probe` finds out that the server is back.
 */
export interface RedisLink {
  /** @throws StoreError */
  run(script: Script, input: ScriptInput): Promise<unknown>
  /** Sends commands together, in this order, for keys of one room.
   * @throws StoreError the first command's that failed */
  send(...commands: readonly RedisCommand[]): Promise<readonly unknown[]>
  /** Like `run`, but is tried however bad things look; how long the answer takes says how the server does. */
  probe(script: Script, input: ScriptInput): Promise<unknown>
  /** For what a request waits for: refused, too, while the server is there and slow. */
  readonly hurried: Pick<RedisLink, 'run' | 'send'>
  /** Ends when a hurried command would be sent.
   * @throws StoreError when it would be refused */
  ready(): Promise<void>
  /** Whether hurried commands are refused because the server is there and slow. */
  isTooSlow(): boolean
  close(): Promise<void>
}

/** Commands that may wait at once. */
const MAX_WAITING = 1000

/** What a link is made of. */
export interface LinkParts {
  readonly client: RedisClient
  readonly toStoreError: ErrorTranslator
  /** Longest wait for one command, and for a lost connection to come back. */
  readonly commandTimeoutMs: number
}

/** Puts time-outs and the bounded waiting room around a client that is connected. */
export function createLink({ client, toStoreError, commandTimeoutMs }: LinkParts): RedisLink {
  const waiting = new Set<() => void>()
  let lostAtMs: number | undefined
  let isClosed = false
  const pace = createPace(commandTimeoutMs)

  client.on('close', noteLoss)

  function noteLoss(): void {
    lostAtMs ??= performance.now()
  }

  function noteAnswer(): void {
    lostAtMs = undefined
    for (const goOn of waiting) goOn()
    waiting.clear()
  }

  /** Ends when the connection is back, or rejects when it is not worth waiting any longer. */
  async function pass(): Promise<void> {
    if (isClosed) throw closedError()
    if (lostAtMs === undefined) return
    const leftMs = lostAtMs + commandTimeoutMs - performance.now()
    if (leftMs <= 0 || waiting.size >= MAX_WAITING) throw toStoreError(new Error('it does not answer'))
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.add(resolve)
    const timer = setTimeout(resolve, leftMs)
    await promise
    clearTimeout(timer)
    waiting.delete(resolve)
    if (isClosed) throw closedError()
    if (lostAtMs !== undefined) throw toStoreError(new Error('it does not answer'))
  }

  async function attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await withinTime(work(), commandTimeoutMs)
      noteAnswer()
      return result
    } catch (error) {
      if (isClosed) throw closedError()
      if (isAnswer(error)) noteAnswer()
      // A server that hangs gets no further second of patience from every request.
      else lostAtMs = isTimeout(error) ? -Infinity : (lostAtMs ?? performance.now())
      throw toStoreError(error)
    }
  }

  async function run(script: Script, input: ScriptInput): Promise<unknown> {
    await pass()
    return attempt(() => evaluate(client, script, input))
  }

  async function send(...commands: readonly RedisCommand[]): Promise<readonly unknown[]> {
    await pass()
    return attempt(() => sendTogether(client, commands))
  }

  async function close(): Promise<void> {
    if (isClosed) return
    isClosed = true
    noteAnswer()
    client.disconnect()
  }

  return {
    run,
    send,
    probe: async (script, input) => {
      if (isClosed) throw closedError()
      return pace.measure(() => attempt(() => evaluate(client, script, input)))
    },
    ...inHurry({ run, send, pass }, () => {
      if (pace.isTooSlow()) throw toStoreError(new Error('it answers too slowly'))
    }),
    isTooSlow: pace.isTooSlow,
    close,
  }
}

interface Unhurried extends Pick<RedisLink, 'run' | 'send'> {
  readonly pass: () => Promise<void>
}

function inHurry({ run, send, pass }: Unhurried, refuse: () => void): Pick<RedisLink, 'hurried' | 'ready'> {
  return {
    hurried: {
      run: async (...asked) => {
        refuse()
        return run(...asked)
      },
      send: async (...commands) => {
        refuse()
        return send(...commands)
      },
    },
    ready: async () => {
      refuse()
      return pass()
    },
  }
}

async function evaluate(client: RedisClient, script: Script, { keys, args }: ScriptInput): Promise<unknown> {
  try {
    return await client.evalsha(script.digest, keys.length, ...keys, ...args)
  } catch (error) {
    // A server that was started anew, or took over, has not seen the script yet.
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return client.eval(script.text, keys.length, ...keys, ...args)
  }
}

async function sendTogether(client: RedisClient, commands: readonly RedisCommand[]): Promise<readonly unknown[]> {
  const pipeline = client.pipeline()
  for (const [name, ...args] of commands) pipeline.call(name, ...args)
  const answers = (await pipeline.exec()) ?? []
  return answers.map(([error, answer]) => {
    if (error !== null) throw error
    return answer
  })
}

const TIMED_OUT = 'Command timed out'

async function withinTime<Result>(work: Promise<Result>, limitMs: number): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const late = (): void => reject(new Error(TIMED_OUT))
  // A process that was busy for long finds its timers first: the answer may lie in the socket, and is read before the check.
  const timer = setTimeout(() => setImmediate(late), limitMs)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === TIMED_OUT
}

/** An error that the server itself has sent proves that it is there, unless it says that it is not ready. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return false
  return !/^(?:LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN)\b/.test(error.message)
}

function closedError(): StoreError {
  return new StoreError('store-closed', 'the store was closed')
}
