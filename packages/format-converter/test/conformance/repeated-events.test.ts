import { afterEach, describe, expect, test, vi } from 'vitest'

import { SeriesParser } from '../../src/wire/parse-series.ts'
import { carelessStream } from '../support/careless-streams.ts'
import { changingMembers } from '../support/changing-members.ts'
import { open } from '../support/exchanges.ts'
import { answerFixtures } from '../support/fixtures.ts'
import { DIRECTIONS, FORMATS, type Pair } from '../support/pairs.ts'
import { createRandom, pickFrom, type Random } from '../support/random.ts'
import { streams } from '../support/recordings.ts'

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed)
const STRINGS = [
  '',
  'a',
  ' the',
  'error',
  'stop',
  'assistant',
  'call_1',
  'blank 0',
  'blank 1',
  String.raw`\"x\\`,
  '中',
  '\\ud800',
]
const NUMBERS = ['0', '0', '1', '2', '7.5', '1e3']
const ODD = ['null', '"x', '\\', '{}', '[1]', '\u0001', 'true', '"}', ' ']
/** The values of an event, and how it ends. */
const VALUES = /"(?:[^"\\]|\\.)*"(?!\s*:)|(?<=[:[,])-?\d[\d.eE+-]*|\}(?=\}$)/g

/** A stream whose events come several times, each time with up to three values changed, the same ones of each event. */
function almostRepeated(sse: string, random: Random): string {
  return sse
    .split('\n\n')
    .flatMap((event) => {
      const values = [...event.matchAll(VALUES)]
      const places = values.length === 0 ? [] : [0, 1, 2].map(() => pickFrom(values, random).index)
      return [event, ...Array.from({ length: 5 }, () => changed(event, new Set(places), random))]
    })
    .join('\n\n')
}

function changed(event: string, places: ReadonlySet<number>, random: Random): string {
  return event.replaceAll(VALUES, (value: string, ...more: readonly unknown[]) => {
    if (!places.has(Number(more[0])) || random() < 0.3) return value
    if (random() < 0.004) return pickFrom(ODD, random)
    if (value.startsWith('}')) return `}${pickFrom(['', ' ', '   '], random)}`
    return value.startsWith('"') ? `"${pickFrom(STRINGS, random)}"` : pickFrom(NUMBERS, random)
  })
}

/** Everything that a conversion lets one see. */
function converted(pair: Pair, sse: string): object {
  const stream = open({ ...pair, request: { stream: true } }).stream()
  const text = stream.push(sse) + stream.end()
  const { state, usage, stop, error, losses, stats, upstreamId, upstreamModel } = stream
  return { text, state, usage, stop, error, losses, stats, upstreamId, upstreamModel }
}

function* sourcesOf({ upstream }: Pair): Generator<string> {
  for (const { sse } of answerFixtures(upstream)) yield sse
  for (const { sse } of streams(upstream)) yield sse
  for (const seed of SEEDS) yield carelessStream(upstream, seed).sse
}

afterEach(() => void vi.restoreAllMocks())

/** Compares with a conversion that parses every event from end to end. */
function expectSame(pair: Pair, sources: readonly string[]): void {
  const repeated = sources.map((sse) => converted(pair, sse))
  vi.spyOn(SeriesParser.prototype, 'fit').mockReturnValue(undefined)
  for (const [index, sse] of sources.entries()) expect(repeated[index]).toEqual(converted(pair, sse))
}

describe('events that are read as repetitions', () => {
  test.for(DIRECTIONS)('make the same answer of $upstream for $client as events that are parsed', (pair) => {
    const random = createRandom(7)
    const sources = [...sourcesOf(pair)]
    expectSame(pair, [...sources, ...sources.map((sse) => almostRepeated(sse, random))])
    expect(sources.length).toBeGreaterThan(SEEDS.length)
  })

  // More work than the usual time allows on a busy machine.
  test.for(FORMATS)('whatever else of an event of %s changes from one to the next', { timeout: 60_000 }, (upstream) => {
    const sources = [...changingMembers(upstream)]
    expectSame({ upstream, client: upstream === 'openai-chat' ? 'anthropic-messages' : 'openai-chat' }, sources)
    expect(sources.length).toBeGreaterThan(100)
  })
})
