import { parseJson, parseJsonObject } from '../wire/raw-json.ts'

/**
 * Undoes the wrapping of a free-text tool input (`{"input":"…"}`) while its fragments arrive, so that a client sees the
 * raw text as it is written.
 */
export interface InputUnescaper {
  /** @returns the raw text that is certain by now */
  push(fragment: string): string
  /** The call is closed. @returns the rest; the whole arguments as they came when they were not such an object */
  end(): string
  /** Once the call is closed: whether the raw text is all that the arguments held, and they came to their end. */
  isExact(): boolean
}

/** What follows the text. */
const SUFFIX = /^"\s*\}\s*$/
/** Of what follows, so much is looked at. */
const MAX_SUFFIX = 256
const PREFIX = /^\s*\{\s*"input"\s*:\s*"/
/** White space before the text; a model that writes more of it writes nothing else. */
const MAX_PREFIX = 256
/** Everything that may still become the prefix. */
const PARTIAL_PREFIX = /^\s*(\{\s*("(i(n(p(u(t("\s*(:\s*)?)?)?)?)?)?)?)?)?$/

export function createInputUnescaper(): InputUnescaper {
  const whole: string[] = []
  let mode: 'prefix' | 'text' | 'closed' | 'foreign' = 'prefix'
  let pending = ''
  let isExact = true

  function push(fragment: string): string {
    if (mode === 'foreign' || mode === 'prefix') whole.push(fragment)
    if (mode === 'closed' && pending.length < MAX_SUFFIX) pending += fragment
    if (mode === 'closed' || mode === 'foreign') return ''
    pending += fragment
    if (mode === 'prefix' && !enterText()) return ''
    return takeText()
  }

  function enterText(): boolean {
    const match = PREFIX.exec(pending)
    if (match === null) {
      if (pending.length > MAX_PREFIX || !PARTIAL_PREFIX.test(pending)) mode = 'foreign'
      return false
    }
    pending = pending.slice(match[0].length)
    mode = 'text'
    return true
  }

  /** Decodes what is complete: up to the closing quote, or up to an escape (or surrogate pair) that is still cut. */
  function takeText(): string {
    const close = closingQuote(pending)
    const end = close === -1 ? safeLength(pending) : close
    const text = decodeJsonString(pending.slice(0, end))
    pending = pending.slice(end)
    if (close !== -1) mode = 'closed'
    return text
  }

  function end(): string {
    if (mode === 'closed') {
      isExact = SUFFIX.test(pending)
      return ''
    }
    if (mode === 'text') {
      isExact = false
      return decodeJsonString(pending.slice(0, safeLength(pending)))
    }
    const argumentsText = whole.join('')
    const { input, ...more } = parseJsonObject(argumentsText) ?? {}
    isExact = typeof input !== 'string' || Object.keys(more).length === 0
    return typeof input === 'string' ? input : argumentsText
  }

  return { push, end, isExact: () => isExact }
}

/** Index of the first quote that no backslash escapes; -1 when there is none. */
function closingQuote(text: string): number {
  let index = text.indexOf('"')
  while (index !== -1 && isEscaped(text, index)) index = text.indexOf('"', index + 1)
  return index
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0
  while (text[index - 1 - backslashes] === '\\') backslashes += 1
  return backslashes % 2 === 1
}

/** Length of the part that ends neither inside an escape nor between two surrogate halves. */
function safeLength(text: string): number {
  const cut = /(\\(u[0-9a-fA-F]{0,3})?|\\u[dD][89abAB][0-9a-fA-F]{2}(\\(u[0-9a-fA-F]{0,3})?)?)$/.exec(text.slice(-12))
  if (cut === null) return text.length
  const at = text.length - cut[0].length
  return isEscaped(text, at) ? text.length : at
}

function decodeJsonString(escaped: string): string {
  const value = parseJson(`"${escaped}"`)
  return typeof value === 'string' ? value : escaped
}
