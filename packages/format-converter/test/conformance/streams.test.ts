import { describe, expect, test } from 'vitest'

import type { Loose } from '../../src/testing/loose.ts'
import { explode, gather, open, plain, pour } from '../support/exchanges.ts'
import { answerFixtures } from '../support/fixtures.ts'
import { comparable, judge } from '../support/judges.ts'
import { FORMATS, others } from '../support/pairs.ts'
import { streams, wholeAnswers } from '../support/recordings.ts'

/**
 * The official SDKs judge every stream, and a streamed answer is the whole answer (contract 4.9).
 */
describe.each(FORMATS)('streams of %s upstreams', (upstream) => {
  const sources = [
    ...answerFixtures(upstream).map(({ name, sse }) => ({ name, sse })),
    ...streams(upstream).map(({ id, sse }) => ({ name: id, sse })),
  ]

  test.for(others(upstream).flatMap((client) => sources.map((source) => ({ client, ...source }))))(
    '$name comes to the SDK of $client as the whole answer',
    async ({ client, sse }) => {
      const opening = { client, upstream }
      const streamed = await judge(client, pour({ ...opening, request: { stream: true } }, sse))
      expect(comparable(client, streamed)).toEqual(comparable(client, gather(opening, sse)))
    },
  )

  test.for(sources)('$name passes untouched to a client of the same format', ({ sse }) => {
    expect(pour({ client: upstream, upstream, request: { stream: true } }, sse)).toBe(sse)
  })
})

describe.each(FORMATS)('an answer of %s upstreams that came in both forms', (upstream) => {
  const built = answerFixtures(upstream).flatMap(({ name, sse, whole }) =>
    whole === undefined ? [] : [{ name, sse, whole }],
  )
  const both = others(upstream).flatMap((client) => built.map((source) => ({ client, ...source })))

  test.for(both)('$name is the same for $client from its stream and from its body', ({ client, sse, whole }) => {
    const opening = { client, upstream }
    expect(gather(opening, sse)).toEqual(plain(open(opening).response(whole).body))
  })

  // What the SDK makes of a recorded stream is the body that the provider would have sent; for Chat it is not, because
  // the SDK keeps only pieces of members that it does not know.
  const recorded = upstream === 'openai-chat' ? [] : streams(upstream)
  test.for(others(upstream).flatMap((client) => recorded.map((source) => ({ client, ...source }))))(
    '$id, recorded, is the same for $client from its stream and from its body',
    async ({ client, sse }) => {
      const opening = { client, upstream }
      const whole = await judge(upstream, sse)
      expect(meaning(gather(opening, sse))).toEqual(meaning(plain(open(opening).response(whole).body)))
    },
  )
})

/** Without the spaces between arguments, and without proofs: of these a provider may send several that are all good. */
function meaning(body: Loose): Loose {
  return JSON.parse(JSON.stringify(body), (key, value) => {
    if (typeof value !== 'string') return value
    if (key === 'arguments') return JSON.stringify(JSON.parse(value))
    return value.startsWith('rly1.') ? 'sealed' : value
  })
}

describe.each(FORMATS)('whole answers of %s upstreams', (upstream) => {
  const bodies = [
    ...answerFixtures(upstream).flatMap(({ name, whole }) => (whole === undefined ? [] : [{ name, body: whole }])),
    ...wholeAnswers(upstream).map(({ id, body }) => ({ name: id, body })),
  ]

  test.for(others(upstream).flatMap((client) => bodies.map((source) => ({ client, ...source }))))(
    '$name comes to the SDK of $client the same when it is sent as a stream',
    async ({ client, body }) => {
      const opening = { client, upstream }
      const whole = plain(open(opening).response(body).body)
      const streamed = await judge(client, explode({ ...opening, request: { stream: true } }, body))
      expect(comparable(client, streamed)).toEqual(comparable(client, whole))
    },
  )

  test.for(bodies)('$name is the same object for a client of the same format', ({ body }) => {
    expect(open({ client: upstream, upstream }).response(body).body).toBe(body)
  })
})
