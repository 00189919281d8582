import { describe, expect, test } from 'vitest'

import { everyCut, withComments, withCrlf, type Pieces } from '../../src/testing/cut-stream.ts'
import { pour, type Opening } from '../support/exchanges.ts'
import { answerFixtures } from '../support/fixtures.ts'
import { DIRECTIONS, FORMATS, others } from '../support/pairs.ts'
import { streams } from '../support/recordings.ts'

const utf8 = new TextEncoder()

/** The cuts of a stream after which something else is written; as the lengths of its pieces. */
function brokenCuts(opening: Opening, sse: string, cuts: readonly Pieces[]): readonly number[][] {
  const expected = pour(opening, sse)
  const broken = cuts.filter((pieces) => pour(opening, pieces) !== expected)
  return broken.map((pieces) => pieces.map((piece) => piece.length))
}

/** Comments of the upstream are passed on as keep-alives, of which nothing depends. */
function withoutKeepAlive(sse: string): string {
  return sse
    .split('\n\n')
    .filter((frame) => !frame.startsWith(':') && !frame.startsWith('event: ping') && frame !== '')
    .filter((frame) => !frame.startsWith('event: response.in_progress'))
    .map((frame) => frame.replace(/"sequence_number":\d+/, ''))
    .join('\n\n')
}

describe.each(DIRECTIONS)('$upstream to $client', ({ client, upstream }) => {
  const opening: Opening = { client, upstream, request: { stream: true } }
  const recorded = streams(upstream).map(({ id, sse }) => ({ name: id, sse }))

  test.for([...answerFixtures(upstream), ...recorded])(
    '$name is the same with other line ends, and with comments',
    ({ sse }) => {
      const expected = withoutKeepAlive(pour(opening, sse))
      expect(withoutKeepAlive(pour(opening, withCrlf(sse)))).toBe(expected)
      expect(withoutKeepAlive(pour(opening, withComments(sse)))).toBe(expected)
    },
  )

  // A stream is cut in other places on its way to each format: its decoder is the same, and meets every cut once.
  test.for([...answerFixtures(upstream), ...recorded])('$name is the same however it is cut', ({ sse }) => {
    const [byByte = [], ...cuts] = everyCut(utf8.encode(sse))
    const turn = others(upstream).indexOf(client)
    const turns = cuts.filter((_, index) => index % others(upstream).length === turn)
    expect(brokenCuts(opening, sse, [byByte, ...turns])).toEqual([])
  })
})

describe.each(FORMATS)('%s to its own clients', (format) => {
  const opening: Opening = { client: format, upstream: format, request: { stream: true } }
  const sources = [...answerFixtures(format), ...streams(format).map(({ id, sse }) => ({ name: id, sse }))]

  test.for(sources)('$name passes as it came, however it is cut', ({ sse }) => {
    const cuts = everyCut(utf8.encode(sse)).slice(0, 100)
    expect(pour(opening, sse)).toBe(sse)
    expect(brokenCuts(opening, sse, cuts)).toEqual([])
  })
})
