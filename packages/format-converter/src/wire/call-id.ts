import type { FormatName } from '../model/format-name.ts'
import { hashText } from './hash.ts'

/** What a format asks of the id of a tool call. */
export interface CallIdRule {
  readonly format: FormatName
  /** Most characters that an id may have. */
  readonly limit: number
}

/**
 * The id itself where a format takes it, else one that is made of it. Depends on nothing else, so that a call and its result
 * agree in every request of a conversation.
 */
export function legalCallId(id: string, { format, limit }: CallIdRule): string {
  const isLegal = format === 'anthropic-messages' ? /^[a-zA-Z0-9_-]+$/.test(id) : id !== ''
  if (isLegal && id.length <= limit) return id
  // The hash keeps `a.b` and `a:b` apart.
  const safe = isLegal || id === '' ? '' : `${id.replaceAll(/[^a-zA-Z0-9_-]/g, '_')}_${hashText(id, 1)}`
  return safe !== '' && safe.length <= limit ? safe : `call_${hashText(id, 4)}`
}

/** The id under which a client sees a call: OpenAI's formats end at 64 characters, Messages has no such end. */
export function clientCallId(id: string, format: FormatName): string {
  return legalCallId(id, { format, limit: format === 'anthropic-messages' ? Infinity : 64 })
}
