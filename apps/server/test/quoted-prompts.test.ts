import { jsonReply, sseReply, type FakeAnswer } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, onEveryWay } from './dialects.ts'
import { accountFor, openStage, type Dialect } from './harness.ts'

const PROMPT = 'Seventeen penguins of my grandmother walk at midnight.'

/** An error that quotes what it refuses, in the words of each dialect. */
function quoting(dialect: Dialect): object {
  const error = { type: 'invalid_request_error', message: `Invalid content: "${PROMPT}" cannot be served` }
  return dialect === 'claude' ? { type: 'error', error } : { error: { ...error, param: null, code: null } }
}

interface Quoting {
  readonly place: string
  readonly answer: (dialect: Dialect) => FakeAnswer
}

const places: readonly Quoting[] = [
  { place: 'a refusal', answer: (dialect) => jsonReply(quoting(dialect), { status: 400 }) },
  { place: 'a failure of the account', answer: (dialect) => jsonReply(quoting(dialect), { status: 500 }) },
  {
    place: 'the middle of a stream',
    answer: (dialect) => {
      const begun = canned(dialect)
        .sse.split(/(?<=\n\n)/)
        .slice(0, 6)
      const failed = dialect === 'responses' ? { type: 'error', ...quoting(dialect) } : quoting(dialect)
      return sseReply([...begun, `event: error\ndata: ${JSON.stringify(failed)}\n\n`])
    },
  },
]

describe.concurrent('an upstream that quotes a prompt', () => {
  test.for(onEveryWay(places))(
    '$client > $upstream: in $place: the client reads it, and nothing of it is kept',
    async ({ client, upstream: dialect, answer }, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(answer(dialect))
      const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
      expect(await (await ask(relay, client, { prompt: PROMPT })).text()).toContain('penguins')
      const [record] = await relay.records(1)
      expect(record?.errorMessage).toMatch(/Invalid content: "\[…\]" cannot be served/)
      const kept = JSON.stringify([record, await relay.store.listAccounts()]) + relay.log()
      expect(kept).not.toContain('penguins')
    },
  )

  test('so is it at the end of a long conversation', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply(quoting('chat'), { status: 400 }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const prompt = `${'Many words were said before. '.repeat(20_000)}${PROMPT}`
    expect(await (await ask(relay, 'claude', { prompt })).text()).toContain('penguins')
    const [record] = await relay.records(1)
    expect(record?.errorMessage).toBe('Invalid content: "[…]" cannot be served')
  })
})
