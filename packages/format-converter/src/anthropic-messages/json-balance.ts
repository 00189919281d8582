import { isJsonObject } from '../model/json.ts'
import { parseJson } from '../wire/raw-json.ts'

/** Watches the text of one JSON object while it arrives in fragments, at constant cost a character. */
export interface JsonBalance {
  push(fragment: string): void
  /**
   * True once one top-level object that is not empty has been closed and nothing but space followed: no valid
   * continuation exists. An empty `{}` does not count, because some upstreams send it before the real arguments.
   */
  isComplete(): boolean
  /** True for one whole object, empty or not, or no text at all. Of a text that is read in parts only the braces count. */
  isObject(): boolean
  /** True while nothing but space came. */
  isBlank(): boolean
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Characters that are read together: a look at each fragment costs more than a look at its characters. */
const READ_AT_ONCE = 4096

export function createJsonBalance(): JsonBalance {
  let unread = ''
  /** The text, where it was short and read in one go. */
  let whole: string | undefined
  let depth = 0
  let isInString = false
  let isEscaped = false
  let hasContent = false
  let stage: 'before' | 'inside' | 'after' | 'broken' = 'before'

  function push(fragment: string): void {
    unread += fragment
    if (unread.length > READ_AT_ONCE) read()
  }

  function read(): void {
    if (unread === '') return
    const text = unread
    unread = ''
    whole = stage === 'before' && text.length <= READ_AT_ONCE ? text : undefined
    if (stage === 'broken') return
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      if (isInString) readString(code)
      else if (code > 0x20) readStructure(code)
    }
  }

  function readString(code: number): void {
    if (isEscaped) isEscaped = false
    else if (code === BACKSLASH) isEscaped = true
    else if (code === QUOTE) isInString = false
  }

  function readStructure(code: number): void {
    if (stage !== 'inside') {
      enter(code)
      return
    }
    if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      leave()
      return
    }
    hasContent = true
    if (code === QUOTE) isInString = true
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1
  }

  function enter(code: number): void {
    stage = stage === 'before' && code === OPEN_BRACE ? 'inside' : 'broken'
    depth = 1
  }

  function leave(): void {
    depth -= 1
    if (depth === 0) stage = 'after'
  }

  return {
    push,
    isComplete: () => {
      read()
      return stage === 'after' && hasContent
    },
    isObject: () => {
      read()
      return stage === 'before' || (stage === 'after' && (whole === undefined || isJsonObject(parseJson(whole))))
    },
    isBlank: () => {
      read()
      return stage === 'before'
    },
  }
}
