import { pino } from 'pino'
import type { DestinationStream } from 'pino'

import { createLineBatch, type LineBatch } from './line-batch.ts'
import { toLoggable } from './loggable.ts'
import type { Redactor } from './redactor.ts'
import { createRedactor } from './redactor.ts'

/** Facts beside a message; errors go under `error`. Made safe by the log: see `toLoggable`. */
export type LogFields = Readonly<Record<string, unknown>>

/** What one request was, as far as it is known at its end. Never a prompt, an answer, or a query string. */
export interface AccessFields {
  readonly requestId: string
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** HTTP status the client got. */
  readonly status: number
  readonly durationMs: number
  /** One of the usage record's reasons. */
  readonly reason?: string | undefined
  readonly firstTokenMs?: number | undefined
  readonly keyName?: string | undefined
  readonly accountName?: string | undefined
  readonly modelAsked?: string | undefined
  readonly modelServed?: string | undefined
  readonly clientFormat?: string | undefined
  readonly upstreamFormat?: string | undefined
  readonly isStream?: boolean | undefined
  readonly attempts?: number | undefined
  /** Losses that cost meaning, without those that are accepted. */
  readonly losses?: number | undefined
  readonly worstLoss?: string | undefined
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  /** Millionths of a US dollar. */
  readonly costMicroUsd?: number | undefined
}

/** The process's one log: a JSON object a line, every line redacted. */
export interface Log extends Redactor {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  fatal(fields: LogFields, message: string): void
  /** One line for each finished request, at level `info`. */
  logAccess(fields: AccessFields): void
  /** Writes what is waiting; gives up after a second when nobody takes it. */
  flush(): Promise<void>
}

/** How a log is made. */
export interface LogOptions {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
  /** Standard output unless said otherwise. */
  readonly destination?: DestinationStream | undefined
}

/** Lines that standard output does not take; beyond this they are dropped rather than kept in memory. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024
/** How much and how long lines wait for others; trouble goes at once. A pipe takes twice as much at a time. */
const BATCH_CHARACTERS = 32 * 1024
const BATCH_MS = 100
const FLUSH_LIMIT_MS = 1000
/** Of what clients and upstreams name; the same as for any other text of the log. */
const MAX_NAME_CHARACTERS = 2000

/** Makes the log. */
export function createLog(options: LogOptions): Log {
  const redactor = createRedactor()
  const standardOutput = options.destination === undefined ? openStandardOutput() : undefined
  const output = options.destination ?? standardOutput?.lines
  const withStacks = options.level === 'debug' || options.level === 'trace'
  const logger = pino(
    {
      level: options.level,
      base: null, // process id and host name are the platform's to add
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: {},
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => toLoggable(fields, { withStacks }),
      },
      // The whole line passes, so that no field and no message can go round the redactor.
      hooks: { streamWrite: redactor.redact },
    },
    output,
  )

  const writeNow = (): void => standardOutput?.lines.release()

  return {
    ...redactor,
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => {
      logger.warn(fields, message)
      writeNow()
    },
    error: (fields, message) => {
      logger.error(fields, message)
      writeNow()
    },
    fatal: (fields, message) => {
      logger.fatal(fields, message)
      writeNow()
    },
    logAccess: (fields) => {
      if (logger.isLevelEnabled('info')) output?.write(accessLine(fields, redactor.redactName))
    },
    flush: async () => (standardOutput === undefined ? undefined : flushSoon(standardOutput)),
  }
}

/** The one line that every request costs: its fields are known, so that only the names of others are looked at. */
function accessLine(fields: AccessFields, redactName: (name: string) => string): string {
  const show = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : redactName(cut(name))
  // The spread comes first: in the middle of an object it would make it a slow one.
  const record = {
    ...fields,
    path: show(fields.path),
    keyName: show(fields.keyName),
    accountName: show(fields.accountName),
    modelAsked: show(fields.modelAsked),
    modelServed: show(fields.modelServed),
    type: 'access',
    message: 'request',
  }
  return `{"level":"info","time":"${new Date().toISOString()}",${JSON.stringify(record).slice(1)}\n`
}

function cut(text: string): string {
  return text.length > MAX_NAME_CHARACTERS ? `${text.slice(0, MAX_NAME_CHARACTERS)}…` : text
}

interface StandardOutput {
  readonly lines: LineBatch
  readonly stream: ReturnType<typeof pino.destination>
}

function openStandardOutput(): StandardOutput {
  const output = pino.destination({ dest: 1, sync: false, maxLength: MAX_WAITING_BYTES })
  // Whoever read the log has gone (a closed pipe); serving goes on.
  output.on('error', () => undefined)
  // The library's own tries a closed pipe again for ever, and calls it for each fatal line and at the process's end.
  output.flushSync = () => output.flush()
  // Its own batches are copied with every line.
  const lines = createLineBatch({ output, maxCharacters: BATCH_CHARACTERS, maxMs: BATCH_MS })
  return { lines, stream: output }
}

async function flushSoon({ lines, stream }: StandardOutput): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, FLUSH_LIMIT_MS)
  lines.release()
  stream.flush(() => resolve())
  await promise
  clearTimeout(timer)
}
