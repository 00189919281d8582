import { MASK } from './redactor.ts'

/** Fields of which the value is never logged, whatever it is. */
const SECRET_FIELDS =
  /^(?:proxy-)?authorization$|^(?:x-)?(?:goog-)?api[-_]?key$|^(?:set-)?cookie$|password|secret|credential$|(?:^|[-_])token$|^accessToken$|^encryptionKey$/i

const MAX_DEPTH = 5
const MAX_ENTRIES = 50
const MAX_TEXT_CHARACTERS = 2000
const MAX_CAUSES = 3

/** What to do beside making a value fit to be logged. */
export interface LoggableOptions {
  /** Stacks hold paths of the machine; they are for whoever asked for `debug`. */
  readonly withStacks: boolean
}

/**
 * Turns fields into plain data that may be logged.
 *
 * Errors keep name, code, message and causes; secret fields are masked; objects with a class of their own (requests,
 * sockets, headers) are only named, because they carry credentials and prompts. Depth, length and number are bounded.
 */
export function toLoggable(fields: object, options: LoggableOptions): Record<string, unknown> {
  return loggableEntries(fields, options, 0)
}

function loggableEntries(value: object, options: LoggableOptions, depth: number): Record<string, unknown> {
  const entries = Object.entries(value).slice(0, MAX_ENTRIES)
  return Object.fromEntries(
    entries.map(([name, field]) => [name, SECRET_FIELDS.test(name) ? MASK : loggable(field, options, depth + 1)]),
  )
}

function loggable(value: unknown, options: LoggableOptions, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return cut(value)
    case 'bigint':
      return value.toString()
    case 'object':
      return value === null ? null : loggableObject(value, options, depth)
    case 'number':
    case 'boolean':
    case 'undefined':
      return value
    default:
      return `[${typeof value}]`
  }
}

function loggableObject(value: object, options: LoggableOptions, depth: number): unknown {
  if (value instanceof Error) return loggableError(value, options, MAX_CAUSES)
  if (depth >= MAX_DEPTH) return '[deep]'
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((entry) => loggable(entry, options, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return loggableEntries(value, options, depth)
  return `[${value.constructor.name}]`
}

function loggableError(error: Error, options: LoggableOptions, causesLeft: number): Record<string, unknown> {
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : undefined
  return {
    name: cut(error.name),
    ...(code === undefined ? {} : { code: typeof code === 'string' ? cut(code) : code }),
    message: messageOf(error),
    ...(options.withStacks && error.stack !== undefined ? { stack: framesOf(error.stack) } : {}),
    ...(error.cause instanceof Error && causesLeft > 0
      ? { cause: loggableError(error.cause, options, causesLeft - 1) }
      : {}),
  }
}

/** V8 quotes what it could not parse, which may be a prompt. */
function messageOf(error: Error): string {
  if (error.name !== 'SyntaxError') return cut(error.message)
  return cut(error.message.replace(/,? ?(?:\.\.\.)?"[^]*"(?:\.\.\.)? is not valid JSON$/, ' in JSON'))
}

/** Without the first lines, which repeat the message. */
function framesOf(stack: string): string {
  return cut(stack.slice(Math.max(0, stack.search(/^ {4}at /m))))
}

function cut(text: string): string {
  return text.length > MAX_TEXT_CHARACTERS ? `${text.slice(0, MAX_TEXT_CHARACTERS)}…` : text
}
