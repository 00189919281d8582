import {
  type FormatName,
  type JsonObject,
  parseBody,
  parseSpan,
  scanTopLevel,
  type TopLevel,
} from '@relay/format-converter'

import { ServerError } from '../../server-error.ts'
import { MAX_NESTING, MAX_TOP_MEMBERS, shapeTrouble, tooDeep, tooWide } from './body-shape.ts'
import { holdsSealed } from './holds-sealed.ts'
import { jsonTrouble } from './json-trouble.ts'
import { type MemberEdits, rewriteBody } from './rewrite-body.ts'

/** Bodies up to this size are parsed to find broken JSON even when they could pass unread: a few milliseconds at most. */
const MAX_CHECKED_BYTES = 1024 * 1024

/** No member that Relay reads by itself is larger; one that is made to be would hold up everybody while it is parsed. */
const MAX_MEMBER_BYTES = 1024 * 1024

/** Too few for as many members as are too many: the shortest one is `"":1,`. */
const MAX_NARROW_BYTES = MAX_TOP_MEMBERS * 5

/** A request body of which only what routing needs has been read. */
export interface Envelope {
  readonly bytes: Uint8Array
  readonly model: string
  readonly isStream: boolean
  /** The top-level member, parsed; `undefined` when it is absent, or larger than 1 MB in a body that was not parsed. */
  member(name: string): unknown
  /** Whether it may hold proofs of reasoning that Relay wrapped; looked for once. */
  holdsSealed(): boolean
  /** The first bytes of the top-level member as they came; none when it is absent. */
  beginningOf(name: string, maxBytes: number): Uint8Array
  /**
   * The whole body, parsed once.
   *
   * @throws ServerError `invalid_request` when it is nested too deeply, or has too many members, to be worked on
   */
  parsed(): JsonObject
  /** The body with other values for some top-level members; what is forwarded is what was checked. */
  withMembers(edits: MemberEdits): Uint8Array
}

/** No vendor's name comes near, and what is remembered of a request goes by it. */
const MAX_MODEL_CHARACTERS = 512

/** Members that Relay reads: none of them may be read from one place and forwarded from another. */
const SENSITIVE = [
  'model',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'messages',
  'input',
  'store',
  'previous_response_id',
  'max_output_tokens',
  'thread',
  'metadata',
]

/** What a body is read for. */
export interface EnvelopeUse {
  readonly format: FormatName
  /** A count needs no output limit. */
  readonly isCount?: boolean
  /** It passes as it is: only the model's name is looked at. */
  readonly isPassage?: boolean
  /** The service's own model where the client names none. */
  readonly defaultModel?: string | undefined
}

/**
 * Opens a body of the model API.
 *
 * @throws ServerError `invalid_request` that names the field
 */
export function openEnvelope(bytes: Uint8Array, use: EnvelopeUse): Envelope {
  if (bytes.length === 0) throw new ServerError('invalid_request', 'the body is empty; send a JSON object')
  let body = bytes.length <= MAX_CHECKED_BYTES && shapeTrouble(bytes) === undefined ? readBody(bytes) : undefined
  let known: TopLevel | undefined
  const scanned = (): TopLevel => (known ??= scan(bytes)) // of a body that was parsed, most is asked without it
  if (body === undefined || bytes.length > MAX_NARROW_BYTES) scanned()

  const member = (name: string): unknown => {
    if (body !== undefined) return Object.hasOwn(body, name) ? body[name] : undefined
    const span = scanned().members.get(name)
    if (span === undefined || span.end - span.start > MAX_MEMBER_BYTES) return undefined
    requireUsual(bytes.subarray(span.start, span.end))
    return parseSpan(bytes, span)
  }
  const glance = (name: string): unknown => {
    if (body !== undefined) return member(name)
    const span = scanned().members.get(name)
    return span === undefined ? undefined : glanceAt(bytes, span)
  }
  let shallow: JsonObject | undefined
  const parsed = (): JsonObject => {
    if (shallow !== undefined) return shallow
    if (body === undefined) {
      requireUsual(bytes)
      body = readBody(bytes)
    }
    shallow = requireShallow(body)
    return shallow
  }

  let isSealed: boolean | undefined
  checkMembers(use, { member, glance })
  return {
    bytes,
    model: checkModel(use, member),
    isStream: member('stream') === true,
    member,
    holdsSealed: () => (isSealed ??= holdsSealed(bytes)),
    beginningOf: (name, maxBytes) => {
      const span = scanned().members.get(name)
      return span === undefined ? NO_BYTES : bytes.subarray(span.start, Math.min(span.end, span.start + maxBytes))
    },
    parsed,
    withMembers: (edits) => rewriteBody({ bytes, top: scanned(), read: SENSITIVE }, edits),
  }
}

const NO_BYTES = new Uint8Array()

function requireUsual(bytes: Uint8Array): void {
  const trouble = shapeTrouble(bytes)
  if (trouble !== undefined) throw trouble
}

function scan(bytes: Uint8Array): TopLevel {
  const scanned = scanTopLevel(bytes, MAX_TOP_MEMBERS)
  if (scanned === undefined) throw scanTrouble(bytes)
  return scanned
}

/** Why the top level of a body could not be read. */
function scanTrouble(bytes: Uint8Array): ServerError {
  requireUsual(bytes)
  readBody(bytes) // says where it is broken
  return tooWide()
}

function readBody(bytes: Uint8Array): JsonObject {
  let value: unknown
  try {
    value = parseBody(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch (error) {
    throw new ServerError('invalid_request', `the body is not valid JSON: ${jsonTrouble(error)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notAnObject()
  return value as JsonObject // the parser gave an object, checked on the line above
}

/** Conversion walks a body level by level on the stack, which a hostile one would overflow. */
function requireShallow(body: JsonObject): JsonObject {
  if (!isDeeper(body, MAX_NESTING)) return body
  throw tooDeep()
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  const children: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  return children.some((child) => isDeeper(child, levels - 1))
}

function notAnObject(): ServerError {
  return new ServerError('invalid_request', 'the body must be one JSON object')
}

/** The least that every request must have; the rest is the converter's, or the upstream's, to judge. */
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const QUOTE = 0x22
const SPACE = 0x20
const EMPTY_STRING_BYTES = 2

/** As much of a value as tells its kind and whether it is empty, so that a long one is not parsed for that. */
function glanceAt(bytes: Uint8Array, span: { readonly start: number; readonly end: number }): unknown {
  switch (bytes[span.start]) {
    case OPEN_BRACE:
      return {}
    case QUOTE:
      return span.end - span.start === EMPTY_STRING_BYTES ? '' : 'a text'
    case OPEN_BRACKET:
      return isEmptyList(bytes, span.start) ? [] : [null]
    default:
      return parseSpan(bytes, span)
  }
}

function isEmptyList(bytes: Uint8Array, open: number): boolean {
  let at = open + 1
  while ((bytes[at] ?? CLOSE_BRACKET) <= SPACE) at += 1
  return bytes[at] === CLOSE_BRACKET
}

interface Members {
  readonly member: (name: string) => unknown
  readonly glance: (name: string) => unknown
}

function checkMembers(use: EnvelopeUse, { member, glance }: Members): void {
  const { format, isCount, isPassage } = use
  checkModel(use, member)
  const stream = member('stream')
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    throw wrong('stream', 'true or false', stream)
  if (isPassage === true) return
  if (format === 'openai-responses') return checkInput(glance('input'))
  checkMessages(glance('messages'))
  if (format === 'anthropic-messages' && isCount !== true) checkLimit(member('max_tokens'))
}

function checkModel({ defaultModel }: EnvelopeUse, member: (name: string) => unknown): string {
  const model = member('model') ?? defaultModel
  if (typeof model === 'string' && model.length > MAX_MODEL_CHARACTERS)
    throw new ServerError('invalid_request', `model: is longer than ${MAX_MODEL_CHARACTERS} characters`, {
      param: '/model',
    })
  if (typeof model === 'string' && model !== '') return model
  throw wrong('model', 'a model name (a string that is not empty)', model)
}

function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages)) throw wrong('messages', 'an array of messages', messages)
  if (messages.length === 0) {
    throw new ServerError('invalid_request', 'messages: at least one message is required', { param: '/messages' })
  }
}

/** A stored prompt or an earlier response may stand in for the input; the converter says where that is not possible. */
function checkInput(input: unknown): void {
  const isInput = input === undefined || input === null || typeof input === 'string' || Array.isArray(input)
  if (!isInput) throw wrong('input', 'a text or an array of items', input)
}

function checkLimit(maxTokens: unknown): void {
  if (maxTokens === undefined)
    throw new ServerError('invalid_request', 'max_tokens: field required', { param: '/max_tokens' })
  if (!Number.isSafeInteger(maxTokens) || Number(maxTokens) < 0)
    throw wrong('max_tokens', 'a whole number of tokens', maxTokens)
}

function wrong(field: string, expected: string, seen: unknown): ServerError {
  const what = seen === undefined ? 'field required' : `must be ${expected}, not ${typeName(seen)}`
  return new ServerError('invalid_request', `${field}: ${what}`, { param: `/${field}` })
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (value === '') return 'an empty string'
  if (typeof value === 'number') return `the number ${value}` // it may be of the right type and yet wrong
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
