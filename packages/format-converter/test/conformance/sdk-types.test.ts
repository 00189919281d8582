import { describe, expect, it, test } from 'vitest'

import { ConversionError } from '../../src/index.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { eventsOf, open, plain, pour } from '../support/exchanges.ts'
import { answerFixtures } from '../support/fixtures.ts'
import { DIRECTIONS, type Format } from '../support/pairs.ts'
import { requests, streams, wholeAnswers } from '../support/recordings.ts'
import { sdkMembers } from '../support/sdk-members.ts'
import { violations } from '../support/sdk-schemas.ts'

/** What Relay writes is what the vendors' own types describe: no member more, none of another type, none missing. */
const MODELS: { readonly [Name in Format]: readonly string[] } = {
  'anthropic-messages': ['claude-opus-5', 'claude-sonnet-4-5'],
  'openai-chat': ['gpt-5.2', 'gpt-4o'],
  'openai-responses': ['gpt-5.2', 'gpt-4o'],
}

describe.each(DIRECTIONS)('$client client, $upstream upstream', ({ client, upstream }) => {
  const sent = MODELS[upstream].flatMap((model) => requests(client).map((recording) => ({ model, ...recording })))
  test.for(sent)('recorded request $id is a request of the SDK for $model', ({ request, model }) => {
    expect(attempt(() => open({ client, upstream, request, model, isAlone: true }).request, upstream)).toEqual([])
  })

  it.each(MODELS[upstream])('a request with any member of the SDK is a request of the other SDK for %s', (model) => {
    const wrong = sdkMembers(client).flatMap(({ name, given }) =>
      attempt(() => open({ client, upstream, request: given, model, isAlone: true }).request, upstream).map(
        (violation) => `${name}: ${violation}`,
      ),
    )
    expect(wrong).toEqual([])
  })

  const sources = [
    ...answerFixtures(upstream).map(({ name, sse }) => ({ name, sse })),
    ...streams(upstream).map(({ id, sse }) => ({ name: id, sse })),
  ]
  test.for(sources)('every event of $name is an event of the SDK', ({ sse }) => {
    const events: Loose[] = eventsOf(pour({ client, upstream, request: { stream: true } }, sse))
    const known = events.filter((event) => event.type !== 'ping')
    expect(known.flatMap((event) => violations(client, 'Event', event))).toEqual([])
  })

  const bodies = [
    ...answerFixtures(upstream).flatMap(({ name, whole }) => (whole === undefined ? [] : [{ name, body: whole }])),
    ...wholeAnswers(upstream).map(({ id, body }) => ({ name: id, body })),
  ]
  test.for(bodies)('whole answer $name is an answer of the SDK', ({ body }) => {
    const whole = plain(open({ client, upstream }).response(body).body)
    const withoutHelper = client === 'openai-responses' ? { ...whole, output_text: '' } : whole
    expect(violations(client, 'Answer', withoutHelper)).toEqual([])
  })
})

/** A refusal is no body. */
function attempt(convert: () => unknown, format: Format): readonly string[] {
  try {
    return violations(format, 'Request', plain(convert()))
  } catch (error) {
    if (ConversionError.is(error)) return []
    throw error
  }
}
