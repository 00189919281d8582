import { describe, expect, test } from 'vitest'

import type { ConversionOptions } from '../../src/index.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { carelessStream } from '../support/careless-streams.ts'
import { byteByByte, gather, open, pour } from '../support/exchanges.ts'
import { comparable, judge } from '../support/judges.ts'
import { type Format, type Pair, PAIRS } from '../support/pairs.ts'

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed)
const utf8 = new TextEncoder()

/** Every stream is told under one of these. */
const OPTIONS: readonly Partial<ConversionOptions>[] = [
  {},
  { parallelCalls: 'serialize' },
  { bufferToolArguments: true },
  { serverToolText: true },
  { emptyTextBlock: true },
  { holdStart: false },
  { reasoningAsContent: true },
  { sealsToChat: false },
  { filters: ['thinkTags', 'parallelWrapper'] },
  { emulateStop: true },
]

interface OpenPair extends Pair {
  readonly converter: { readonly options: Partial<ConversionOptions> }
}

/** A stream of the client's own format is mended too: as it comes, no SDK would take it. */
function pairOf({ client, upstream }: Pair, seed: number): OpenPair {
  const options = { estimateInput: false, fixUpstreamStream: true, ...OPTIONS[seed % OPTIONS.length] }
  return { client, upstream, converter: { options } }
}

/**
 * Ids are numbered in the order of their making. Counts that are not known are 0 in a whole Messages answer, and `null` in
 * the chunks of a Chat answer that has no usage.
 */
function alike({ usage, ...answer }: Loose): unknown {
  const text = JSON.stringify({ ...answer, ...(usage !== null && { usage }) }).replaceAll(/\d{24}/g, 'id')
  return JSON.parse(text.replaceAll(/"((?:cache_\w+_)?input_tokens)":null/g, '"$1":0'))
}

/** Contract 4.9 and 7.8, for streams that no vendor's documentation describes. */
describe.each(PAIRS)('careless $upstream streams, told to $client', ({ client, upstream }) => {
  test.each(SEEDS)('stream %i: the SDK takes it, and it is the gathered answer', async (seed) => {
    const { sse } = carelessStream(upstream, seed)
    const pair = pairOf({ client, upstream }, seed)
    const streamed = pour(pair, sse)
    expect(pour(pair, byteByByte(sse))).toBe(streamed)
    const gathered = gather(pair, sse)
    expect(alike(comparable(client, await judge(client, streamed)))).toEqual(alike(comparable(client, gathered)))
  })

  test.each(SEEDS)('stream %i: every word is told once, or its loss is', (seed) => {
    const { sse, words, hasUsage } = carelessStream(upstream, seed)
    const pair = pairOf({ client, upstream }, seed)
    const gathered = gather(pair, sse)
    const stream = open({ ...pair, request: { stream: true } }).stream()
    stream.push(utf8.encode(sse))
    stream.end()
    const times = (word: string): number => JSON.stringify(gathered).split(word).length - 1
    expect(words.filter((word) => word.startsWith('word') && times(word) > 1)).toEqual([])
    const lost = words.filter((word) => sse.includes(word) && times(word) === 0)
    const told = stream.losses.filter(({ stage }) => stage !== 'request')
    expect({ lost, told: told.length >= Math.min(lost.length, 1) }).toEqual({ lost, told: true })
    const counts = Object.values(gathered.usage ?? {}).filter((count) => typeof count === 'number' && count > 0)
    expect(counts.length === 0 || hasUsage).toBe(true)
  })

  test.each(SEEDS)('stream %i: cut anywhere, it is broken for the client too', async (seed) => {
    const { sse, openLength } = carelessStream(upstream, seed)
    const pair = pairOf({ client, upstream }, seed)
    const cut = sse.slice(0, Math.floor((openLength * (seed % 10)) / 9))
    const stream = open({ ...pair, request: { stream: true } }).stream()
    const text = stream.push(utf8.encode(cut)) + stream.end()
    const end = stream.committed ? await endOf(client, text) : text
    expect({ state: stream.state, end }).toEqual({ state: 'failed', end: stream.committed ? 'broken' : '' })
  })
})

async function endOf(client: Format, sse: string): Promise<'broken' | 'whole'> {
  try {
    const answer = await judge(client, sse)
    return answer.status === 'failed' ? 'broken' : 'whole'
  } catch {
    return 'broken'
  }
}
