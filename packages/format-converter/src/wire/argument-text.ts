import { isJsonObject } from '../model/json.ts'
import { parseJson } from './raw-json.ts'

/** How the arguments of a tool differ upstream from what the client declared. Plain JSON. */
export interface ArgumentShape {
  /** Names of properties upstream, and what the client calls them. */
  readonly keys: readonly (readonly [wire: string, original: string])[]
  /** The client's arguments are no object: upstream they are the member `value` of one. */
  readonly isWrapped: boolean
}

/** Arguments as the upstream knows them. Only keys change: all else, long numbers too, stays as it was written. */
export function toWireArguments(text: string, { keys, isWrapped }: ArgumentShape): string {
  const renamed = keys.reduce((known, [wire, original]) => renameKey(known, original, wire), text)
  const needsWrap = isWrapped && text.trim() !== '' && !isJsonObject(parseJson(text))
  return needsWrap ? `{"value":${renamed}}` : renamed
}

/** Arguments as the client declared them; text that is not of the shape stays as it is. */
export function toClientArguments(text: string, { keys, isWrapped }: ArgumentShape): string {
  const renamed = keys.reduce((known, [wire, original]) => renameKey(known, wire, original), text)
  return isWrapped ? unwrapValue(renamed) : renamed
}

/** A quoted name with a colon behind it is a key: inside a string its quotes would be escaped. */
function renameKey(text: string, from: string, to: string): string {
  const quoted = JSON.stringify(from)
  if (!text.includes(quoted)) return text
  const pieces = text.split(quoted)
  return pieces.reduce((joined, piece) => joined + (/^\s*:/.test(piece) ? JSON.stringify(to) : quoted) + piece)
}

/** `{"value": …}` becomes what stands there, character by character. */
function unwrapValue(text: string): string {
  const object = parseJson(text)
  if (!isJsonObject(object) || Object.keys(object).join() !== 'value') return text
  return text.slice(text.indexOf(':') + 1, text.lastIndexOf('}')).trim()
}
