import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'

/**
 * What a choice says. Some servers write the words themselves in place of a message, or in the `text` of the older
 * endpoint.
 *
 * @param message - the member in which it belongs
 * @returns `undefined` for what cannot be read
 */
export function saidBy(message: JsonValue | undefined, { text }: JsonObject): JsonObject | undefined {
  if (typeof message === 'string') return { content: message }
  const said = message ?? {}
  if (!isJsonObject(said)) return undefined
  return typeof text === 'string' && (said['content'] ?? '') === '' ? { ...said, content: text } : said
}

/** Whether the `text` of a choice is not what the choice says. */
export function hasOtherText({ text }: JsonObject, { content }: JsonObject): boolean {
  return (text ?? '') !== '' && text !== content
}
