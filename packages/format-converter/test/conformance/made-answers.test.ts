import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { explode, gather, open, plain, pour } from '../support/exchanges.ts'
import { comparable, judge } from '../support/judges.ts'
import { say, type MadeAnswer, type MadePart } from '../support/made-answers.ts'
import { DIRECTIONS } from '../support/pairs.ts'

const SEED = 20_261_128
const RUNS = 40

const words = fc
  .array(fc.constantFrom('hi', 'é😀', '\n', '  ', '"q"', '\\', '\u2028', '日本', '{}'), { maxLength: 4 })
  .map((pieces) => `w${pieces.join('')}`)

const part: fc.Arbitrary<MadePart> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text: words }),
  fc.record({ kind: fc.constant('thought' as const), text: words, proof: fc.constantFrom('', 'SIG') }),
  fc.record({
    kind: fc.constant('call' as const),
    name: fc.constantFrom('look', 'edit'), // a Responses client declares `edit` as a tool of free text
    text: fc.constantFrom('', '{}', '{"a":1}', '{"q":"é😀","n":[1,{"x":null}]}', String.raw`{"input":"a\n\"b\""}`),
  }),
)

const made: fc.Arbitrary<MadeAnswer> = fc.record({
  parts: fc.array(part, { maxLength: 5 }).map(withoutNeighbours),
  end: fc.constantFrom('done', 'length', 'filter'),
  input: fc.integer({ min: 1, max: 99 }),
  cached: fc.integer({ min: 0, max: 99 }),
  output: fc.integer({ min: 1, max: 99 }),
})

/** Two texts in a row are one to some clients and two to others; that is told elsewhere. */
function withoutNeighbours(parts: readonly MadePart[]): MadePart[] {
  return parts.filter(({ kind }, at) => kind !== 'text' || parts[at - 1]?.kind !== 'text')
}

/** Contract 4.9, with answers that nobody thought of. */
describe.each(DIRECTIONS)('any answer of $upstream for $client', (pair) => {
  test('is the same whole, streamed, gathered and exploded, with the same losses and counts', async () => {
    await fc.assert(
      fc.asyncProperty(made, async (answer) => {
        const { body, sse } = say(pair.upstream, answer)
        const exchange = open(pair)
        const { usage, stop } = exchange.response(body)
        const whole = comparable(pair.client, plain(open(pair).response(body).body))
        const asked = { ...pair, request: { stream: true } }
        expect(comparable(pair.client, await judge(pair.client, pour(asked, sse)))).toEqual(whole)
        expect(comparable(pair.client, await judge(pair.client, explode(asked, body)))).toEqual(whole)
        expect(comparable(pair.client, gather(pair, sse))).toEqual(whole)
        const streaming = open(asked)
        const stream = streaming.stream()
        stream.push(sse)
        stream.end()
        expect({ usage: stream.usage, stop: stream.stop }).toEqual({ usage, stop })
        expect(codesOf(streaming.losses)).toEqual(codesOf(exchange.losses))
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })
})

function codesOf(losses: readonly { readonly code: string; readonly level: string }[]): string[] {
  return losses.map(({ code, level }) => `${level} ${code}`).toSorted()
}
