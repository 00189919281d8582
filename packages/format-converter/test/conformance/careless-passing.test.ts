import { describe, expect, test } from 'vitest'

import { carelessStream } from '../support/careless-streams.ts'
import { byteByByte, open } from '../support/exchanges.ts'
import { FORMATS, type Format } from '../support/pairs.ts'

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed)
const utf8 = new TextEncoder()

/** What a client of the upstream's own format gets, and what was learned on the way. */
function pass(format: Format, pieces: readonly Uint8Array[]): Passed {
  const stream = open({ client: format, upstream: format, request: { stream: true } }).byteStream()
  const outputs = [...pieces.map((piece) => stream.push(piece)), stream.end()]
  const { state, usage, upstreamId, upstreamModel } = stream
  const bytes = Buffer.concat(outputs.map((output) => Buffer.from(output)))
  return { text: bytes.toString('utf8'), state, usage, upstreamId, upstreamModel }
}

interface Passed {
  readonly text: string
  readonly state: string
  readonly usage: unknown
  readonly upstreamId: string | undefined
  readonly upstreamModel: string | undefined
}

/** Contract 1.2: as careless as it is, the client's own format passes byte for byte. */
describe.each(FORMATS)('careless %s streams, passed to a client of the format', (format) => {
  test.each(SEEDS)('stream %i passes to its end as it came, however it is cut', (seed) => {
    const { sse, hasUsage } = carelessStream(format, seed)
    const passed = pass(format, [utf8.encode(sse)])
    expect(pass(format, byteByByte(sse))).toEqual(passed)
    expect(passed.state).toBe('finished')
    expect(passed.usage !== undefined).toBe(hasUsage)
    const end = sse.includes('[DONE]') ? '' : 'data: [DONE]\n\n' // a Chat stream gets the end that it lacks
    expect(`${sse}${end}`.startsWith(passed.text)).toBe(true)
  })

  test.each(SEEDS)('stream %i, cut anywhere, is broken for the client too', (seed) => {
    const { sse, openLength } = carelessStream(format, seed)
    const cut = sse.slice(0, Math.floor((openLength * (seed % 10)) / 9))
    expect(pass(format, [utf8.encode(cut)]).state).toBe('failed')
  })
})
