import { describe, expect, test } from 'vitest'

import { carelessChat } from '../support/careless-chat.ts'
import { gather, open, pour } from '../support/exchanges.ts'
import { comparable, judge } from '../support/judges.ts'
import type { Format, Pair } from '../support/pairs.ts'

const SEEDS = Array.from({ length: 150 }, (_, seed) => seed)
const utf8 = new TextEncoder()

function pairOf(
  client: Format,
): Pair & { readonly converter: { readonly options: { readonly estimateInput: false } } } {
  return { client, upstream: 'openai-chat', converter: { options: { estimateInput: false } } }
}

/** Ids are numbered in the order of their making; counts that are not known are 0 in a whole Messages answer. */
function alike(answer: unknown): unknown {
  const text = JSON.stringify(answer).replaceAll(/\d{24}/g, 'id')
  return JSON.parse(text.replaceAll(/"((?:cache_\w+_)?input_tokens)":null/g, '"$1":0'))
}

/** Bytes one by one: an end of line, a character and a word are all cut in two. */
function byteByByte(sse: string): readonly Uint8Array[] {
  const bytes = utf8.encode(sse)
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
}

/** Contract 4.9 and 7.8, for streams that no vendor's documentation describes. */
describe.each(['anthropic-messages', 'openai-responses'] as const)('careless Chat streams, told to %s', (client) => {
  test.each(SEEDS)(
    'stream %i: the SDK takes it, it is the gathered answer, and no word is lost in silence',
    async (seed) => {
      const { sse, words } = carelessChat(seed)
      const pair = pairOf(client)
      const streamed = pour(pair, sse)
      expect(pour(pair, byteByByte(sse))).toBe(streamed)
      const gathered = gather(pair, sse)
      expect(alike(comparable(client, await judge(client, streamed)))).toEqual(alike(comparable(client, gathered)))

      const stream = open({ ...pair, request: { stream: true } }).stream()
      stream.push(utf8.encode(sse))
      stream.end()
      const text = JSON.stringify(gathered)
      const lost = words.filter((word) => sse.includes(word) && !text.includes(word))
      expect(lost.length === 0 || stream.losses.some(({ stage }) => stage !== 'request')).toBe(true)
    },
  )
})
