import { jsonReply, sseReply, type FakeAnswer } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, onEveryWay, OVERLOADED_EVENTS } from './dialects.ts'
import { accountFor, openStage, type Dialect } from './harness.ts'

const CREDENTIAL = 'upstream-credential-0001'

interface Telling {
  readonly place: string
  /** @param words - what the upstream says of itself */
  readonly answer: (dialect: Dialect, words: string) => FakeAnswer
}

function errorEvent(dialect: Dialect, words: string): string {
  return OVERLOADED_EVENTS[dialect].replace('"message":"Overloaded"', `"message":"${words}"`)
}

const places: readonly Telling[] = [
  {
    place: 'a failure',
    answer: (_, message) => jsonReply({ error: { message, type: 'server_error', code: null } }, { status: 500 }),
  },
  {
    place: 'a refusal',
    answer: (_, message) => jsonReply({ error: { message, type: 'invalid_request_error' } }, { status: 400 }),
  },
  { place: 'the first event of a stream', answer: (dialect, words) => sseReply(errorEvent(dialect, words)) },
  {
    place: 'the last event of a stream',
    answer: (dialect, words) => {
      const begun = canned(dialect)
        .sse.split(/(?<=\n\n)/)
        .slice(0, 6)
      return sseReply([...begun, errorEvent(dialect, words)])
    },
  },
]

describe.concurrent('an upstream that tells of its account', () => {
  test.for(onEveryWay(places))(
    '$client > $upstream: in $place: neither its credential nor its address is told or kept',
    async ({ client, upstream: dialect, answer }, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream()
      const { host } = new URL(upstream.url)
      upstream.answer(answer(dialect, `the key ${CREDENTIAL} is too busy at ${host}, sorry`))
      const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
      const text = await (await ask(relay, client)).text()
      expect(text).toMatch(/is too busy at \S+ sorry/)
      const accounts = await relay.store.listAccounts()
      const told = text + JSON.stringify([await relay.records(1), accounts.map(({ state }) => state)]) + relay.log()
      expect(told).not.toContain(CREDENTIAL)
      expect(text).not.toContain(host)
      await relay.idle()
    },
  )
})
