import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { parseJson } from '../wire/raw-json.ts'

/** What an error body says, whoever wrote it. */
export interface ErrorEvidence {
  /** `html` and `empty` bodies have no message of their own. */
  readonly form: 'error' | 'html' | 'empty'
  readonly message: string
  readonly code?: string
  readonly type?: string
  /** A status that the body itself names. */
  readonly status?: number
  readonly param?: string
  readonly details?: JsonObject
  /** The innermost error object. */
  readonly error?: JsonObject
}

/** Proxies wrap the error text of the next one; deeper nesting than this is shown as text. */
const MAX_NESTING = 3

/** Text that is searched for an embedded JSON error. */
const MAX_EMBEDDED = 65_536

/**
 * Reads the error shapes of all vendors: `{type: 'error', error}`, `{error: {…}}`, arrays of them, `{error: 'text'}`,
 * `{message}`, `{detail}`, `{errors}`, JSON inside a message, plain text, HTML and nothing.
 */
export function readErrorBody(body: unknown): ErrorEvidence {
  return readValue(body, 0)
}

function readValue(body: unknown, depth: number): ErrorEvidence {
  if (typeof body === 'string') return readText(body, depth)
  if (Array.isArray(body)) return readValue(body.find((item) => isJsonObject(item)) ?? body[0], depth + 1)
  if (!isJsonObject(body) || depth > MAX_NESTING + 1) return { form: 'empty', message: '' }
  const error = own(body, 'error') ?? firstOf(own(body, 'errors'))
  if (typeof error === 'string') return { ...readText(error, depth), error: body, ...fieldsOf(body) }
  return readError(isJsonObject(error) ? error : body, depth)
}

function readText(text: string, depth: number): ErrorEvidence {
  const trimmed = text.trim()
  if (trimmed === '') return { form: 'empty', message: '' }
  if (/^<(?:!doctype|html|head|body|\?xml)/i.test(trimmed)) return { form: 'html', message: '' }
  const embedded = depth < MAX_NESTING ? embeddedJson(trimmed) : undefined
  if (embedded !== undefined) {
    const inner = readValue(embedded, depth + 1)
    if (inner.message !== '') return inner
  }
  return { form: 'error', message: trimmed }
}

/** The JSON in a text such as `400 {"error":…}`; only objects and arrays count. */
function embeddedJson(text: string): JsonValue | undefined {
  const start = text.search(/[[{]/)
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'))
  if (start === -1 || end <= start || end - start > MAX_EMBEDDED) return undefined
  const value = parseJson(text.slice(start, end + 1))
  return typeof value === 'object' && value !== null ? value : undefined
}

function readError(error: JsonObject, depth: number): ErrorEvidence {
  const fields = fieldsOf(error)
  const outer: ErrorEvidence = { form: 'error', message: messageOf(error), error, ...fields }
  const inner = innerEvidence(error, outer.message, depth)
  // The outer words fill what the inner error leaves open; the inner ones are nearer to the cause.
  return inner === undefined ? outer : { ...outer, ...inner }
}

/** OpenRouter puts the provider's own body into `metadata.raw`; others put JSON into the message. */
function innerEvidence(error: JsonObject, message: string, depth: number): ErrorEvidence | undefined {
  if (depth >= MAX_NESTING) return undefined
  const metadata = own(error, 'metadata')
  const raw = isJsonObject(metadata) ? own(metadata, 'raw') : undefined
  const source = raw ?? (isJsonObject(error['message']) ? error['message'] : message)
  const inner =
    typeof source === 'string' && raw === undefined ? embeddedEvidence(source, depth) : readValue(source, depth + 1)
  return inner === undefined || inner.message === '' ? undefined : inner
}

function embeddedEvidence(text: string, depth: number): ErrorEvidence | undefined {
  const value = embeddedJson(text)
  return value === undefined ? undefined : readValue(value, depth + 1)
}

function fieldsOf(error: JsonObject): Omit<ErrorEvidence, 'form' | 'message'> {
  const code = own(error, 'code') ?? own(error, 'error_code')
  const details = own(error, 'details')
  const status = statusOf(code) ?? statusOf(own(error, 'status')) ?? statusOf(own(error, 'statusCode'))
  const type = text(own(error, 'type')) ?? text(own(error, '__type')) ?? text(own(error, 'status'))
  const fields = {
    status,
    code: statusOf(code) === undefined ? text(code) : undefined,
    type: type === 'error' ? undefined : type,
    param: text(own(error, 'param')),
    details: isJsonObject(details) ? details : undefined,
  }
  // Absent members are left out, so that what an inner error lacks is filled by the outer one.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function messageOf(error: JsonObject): string {
  for (const key of ['message', 'msg', 'Message', 'error_description', 'error_message', 'detail', 'reason']) {
    const value = own(error, key)
    if (typeof value === 'string' && value.trim() !== '') return value.trim()
    if (isJsonArray(value)) return value.slice(0, 5).map(complaint).join('; ')
  }
  return ''
}

/** FastAPI: `{loc: ['body', 'messages', 0], msg: 'field required'}`. */
function complaint(item: JsonValue): string {
  if (!isJsonObject(item)) return typeof item === 'string' ? item.slice(0, 200) : 'invalid'
  const place = own(item, 'loc')
  const words = text(own(item, 'msg')) ?? text(own(item, 'message')) ?? 'invalid'
  return isJsonArray(place) ? `${place.slice(0, 16).map(segment).join('.')}: ${words}` : words
}

function segment(value: JsonValue): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?'
}

function statusOf(value: JsonValue | undefined): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function firstOf(value: JsonValue | undefined): JsonValue | undefined {
  return isJsonArray(value) ? value[0] : undefined
}

function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? (object[key] ?? undefined) : undefined
}
