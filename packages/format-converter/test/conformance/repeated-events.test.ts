import { afterEach, describe, expect, test, vi } from 'vitest'

import { SeriesParser } from '../../src/wire/parse-series.ts'
import { parseJson } from '../../src/wire/raw-json.ts'
import { carelessStream } from '../support/careless-streams.ts'
import { open } from '../support/exchanges.ts'
import { answerFixtures } from '../support/fixtures.ts'
import { DIRECTIONS, type Pair } from '../support/pairs.ts'
import { createRandom, pickFrom, type Random } from '../support/random.ts'
import { streams } from '../support/recordings.ts'

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed)
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz']
const DIGITS = [...'123456789']
const ODD = [...'"\\{}[],: \u0001中']

/** Streams whose events come several times, each time with a letter or a digit, seldom anything, changed. */
function almostRepeated(sse: string, random: Random): string {
  return sse
    .split('\n\n')
    .flatMap((event) => [event, ...Array.from({ length: 3 }, () => changed(event, random))])
    .join('\n\n')
}

function changed(event: string, random: Random): string {
  const at = event.indexOf('{') + Math.floor(random() * event.length)
  const old = event.charAt(at)
  if (random() < 0.002) return event.slice(0, at) + pickFrom(ODD, random) + event.slice(at + 1)
  if (/[a-z]/.test(old)) return event.slice(0, at) + pickFrom(LETTERS, random) + event.slice(at + 1)
  return /[1-9]/.test(old) ? event.slice(0, at) + pickFrom(DIGITS, random) + event.slice(at + 1) : event
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

describe('events that are read as repetitions', () => {
  test.for(DIRECTIONS)('make the same answer of $upstream for $client as events that are parsed', (pair) => {
    const random = createRandom(7)
    const sources = [...sourcesOf(pair)].flatMap((sse) => [sse, almostRepeated(sse, random)])
    const repeated = sources.map((sse) => converted(pair, sse))
    vi.spyOn(SeriesParser.prototype, 'parse').mockImplementation(parseJson)
    for (const [index, sse] of sources.entries()) expect(repeated[index]).toEqual(converted(pair, sse))
  })
})
