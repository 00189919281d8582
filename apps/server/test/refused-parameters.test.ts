import { jsonReply } from '@relay/upstreams/testing'
import type { FakeScript } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, onEveryWay, readError, readStream, readWhole, STORY } from './dialects.ts'
import { accountFor, attemptsOf, openStage, type Dialect } from './harness.ts'

function refusing(dialect: Dialect, parameter: string): FakeScript {
  const message = `Unsupported parameter: '${parameter}' is not supported with this model.`
  const error = { type: 'invalid_request_error', code: 'unsupported_parameter', param: parameter, message }
  const { json, sse } = canned(dialect)
  return (request) => {
    const body = request.json as Readonly<Record<string, unknown>>
    if (parameter in body) return jsonReply({ type: 'error', error }, { status: 400 })
    const headers = { 'content-type': 'text/event-stream' }
    return body['stream'] === true ? { kind: 'reply', headers, body: sse } : jsonReply(json)
  }
}

const BODY = { temperature: 0.5, top_p: 0.9 }

describe.concurrent('a parameter that an upstream does not take', () => {
  test.for(onEveryWay([{ isStream: true }, { isStream: false }]))(
    '$client > $upstream (stream: $isStream): is left out of one more try, which is remembered and shown',
    async ({ client, upstream: dialect, isStream }, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(refusing(dialect, 'temperature'))
      const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
      const askOnce = async (): Promise<string | null> => {
        const response = await ask(relay, client, { isStream, body: BODY })
        const text = isStream ? readStream(client, await response.text()).text : await readWhole(client, response)
        expect(text).toBe(STORY)
        return response.headers.get('x-relay-losses')
      }

      expect(await askOnce()).toMatch(/worst=degraded/)
      expect(upstream.requests.map(({ json }) => Object.keys(json as object).includes('temperature'))).toEqual([
        true,
        false,
      ])
      expect(upstream.requests[1]?.json).toMatchObject({ top_p: 0.9 })
      expect(await askOnce()).toMatch(/worst=degraded/)
      expect(upstream.requests).toHaveLength(3) // it is known now
      const [first, second] = await relay.records(2)
      expect(attemptsOf(first)).toMatchObject([{ reason: 'invalid_request', status: 400 }, { reason: 'completed' }])
      expect(attemptsOf(second)).toMatchObject([{ reason: 'completed' }])
      expect(second?.losses).toContainEqual(
        expect.objectContaining({ code: 'param_unsupported', path: '/temperature' }),
      )
      const [account] = await relay.store.listAccounts()
      expect(account?.state).toMatchObject({ attention: undefined, cooldowns: [], lastError: undefined })
      await relay.idle()
    },
  )

  test('stays where the key wants no losses, and the refusal is told as it is', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(refusing('chat', 'temperature'))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], key: { lossPolicy: 'reject' } })

    const error = await readError('chat', await ask(relay, 'chat', { body: BODY }))

    expect(error).toMatchObject({ status: 400, message: expect.stringContaining("'temperature' is not supported") })
    expect(upstream.requests).toHaveLength(1)
  })

  test('that is the limit of an answer goes by its other name', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(refusing('chat', 'max_tokens'))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })

    const response = await ask(relay, 'chat')

    expect(readStream('chat', await response.text())).toMatchObject({ text: STORY, isComplete: true })
    expect(upstream.requests[1]?.json).toMatchObject({ max_completion_tokens: 500 })
    expect(upstream.requests[1]?.json).not.toHaveProperty('max_tokens')
    expect(response.headers.get('x-relay-losses')).toBeNull()
  })
})
