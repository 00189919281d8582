import { textWeight } from '../count/estimate-tokens.ts'
import { stringOf } from '../wire/loose.ts'
import { parseJson } from '../wire/raw-json.ts'
import { behindJsonString } from '../wire/string-end.ts'

/**
 * Roughly how many tokens the model says in an event that is not parsed.
 *
 * @param data - JSON
 * @param words - see `StreamTap`
 */
export function countWords(data: string, words: RegExp): number {
  let weight = 0
  words.lastIndex = 0
  while (words.test(data)) {
    const end = behindJsonString(data, words.lastIndex)
    if (end === 0) break
    weight += weightOf(data.slice(words.lastIndex, end))
    words.lastIndex = end
  }
  return weight
}

/** @param literal - with its quotes */
function weightOf(literal: string): number {
  if (literal.length === 2) return 0
  return textWeight(literal.includes('\\') ? stringOf(parseJson(literal)) : literal.slice(1, -1))
}
