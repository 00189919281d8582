import { endOfJsonString } from '@relay/format-converter'

import { ServerError } from '../../server-error.ts'

/** Levels of objects and arrays in a body that is worked on; clients stay below 50. */
export const MAX_NESTING = 512

/** Objects with more members than this are rare in bodies of clients. */
const USUAL_MEMBERS = 100

/** Members beyond the usual ones, in all objects of a body together; parsing a million takes the engine a second. */
const MAX_MEMBERS = 10_000

/**
 * Objects, lists and what stands between commas in them. A body that has more holds many times what any model reads, and
 * takes hundreds of megabytes while it is worked on.
 */
const MAX_VALUES = 1_000_000

/** The same of an answer, in which each token may stand with the probabilities of twenty others. */
const MAX_ANSWER_VALUES = 5_000_000

/** More of them at the top level are too many in any case. */
export const MAX_TOP_MEMBERS: number = USUAL_MEMBERS + MAX_MEMBERS

/** What is smaller is parsed in a few milliseconds, whatever its shape. */
const MIN_BYTES = 256 * 1024

/** What is larger is not converted beside others' streams, whatever its shape. */
const MAX_QUICK_BYTES = 1024 * 1024

/** With more values a body takes longer than any of that size that clients send: a long conversation has a few thousand. */
const MAX_QUICK_VALUES = 30_000

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/**
 * Looks for shapes of JSON that take long to parse, before that is done: a walk over the bytes costs some 15 ms for 10 MB.
 *
 * @returns what a client is told; `undefined` where the body may be parsed, which then finds whether it is JSON at all
 */
export function shapeTrouble(bytes: Uint8Array): ServerError | undefined {
  return bytes.length < MIN_BYTES ? undefined : walk(bytes, MAX_VALUES).trouble
}

/** Whether the JSON of a whole answer would take many seconds and a gigabyte to be read. */
export function isUnreadable(answer: Uint8Array): boolean {
  return answer.length >= MIN_BYTES && walk(answer, MAX_ANSWER_VALUES).trouble !== undefined
}

/** Whether a body takes more than some ten milliseconds to be converted: it is large, or holds very many values. */
export function takesLong(bytes: Uint8Array): boolean {
  if (bytes.length < MIN_BYTES) return false
  if (bytes.length > MAX_QUICK_BYTES) return true
  const { trouble, values } = walk(bytes, MAX_VALUES)
  return trouble !== undefined || values > MAX_QUICK_VALUES
}

interface Shape {
  readonly trouble: ServerError | undefined
  /** Seen until the end, or until the trouble. */
  readonly values: number
}

function walk(bytes: Uint8Array, maxValues: number): Shape {
  /** Members seen so far of the open object at each level. */
  const members = new Uint32Array(MAX_NESTING + 1)
  let depth = 0
  let wide = 0
  let values = 0
  for (let index = 0; index < bytes.length; index += 1) {
    switch (bytes[index]) {
      case QUOTE:
        index = endOfJsonString(bytes, index)
        break
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth += 1
        values += 1
        if (depth > MAX_NESTING) return { trouble: tooDeep(), values }
        members[depth] = 0
        break
      case COMMA:
        values += 1
        if (values > maxValues) return { trouble: tooMany(maxValues), values }
        break
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth = Math.max(0, depth - 1)
        break
      case COLON:
        members[depth] = (members[depth] ?? 0) + 1
        if ((members[depth] ?? 0) > USUAL_MEMBERS) wide += 1
        if (wide > MAX_MEMBERS) return { trouble: tooWide(), values }
        break
      default:
    }
  }
  return { trouble: undefined, values }
}

/** What a body is told that is worked on and has more levels than that. */
export function tooDeep(): ServerError {
  return new ServerError('invalid_request', `the body is nested more than ${MAX_NESTING} levels deep`)
}

/** What a body is told whose objects have more members than are worked on. */
export function tooWide(): ServerError {
  return new ServerError('invalid_request', `the body has objects with more than ${MAX_MEMBERS} members`)
}

function tooMany(maxValues: number): ServerError {
  return new ServerError('invalid_request', `the body has more than ${maxValues} values`)
}
