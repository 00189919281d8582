import { jsonReply, openAiErrorReply, responsesAnswer } from '@relay/upstreams/testing'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'

import { accountFor, openStage, type Stage, type TestRelay } from './harness.ts'

const ID = 'resp_of-the-upstream'
const MODEL = 'gpt-5.2'
const QUEUED = { ...(responsesAnswer({ id: ID }).json as object), status: 'queued', background: true, output: [] }

function clientOf(relay: TestRelay, apiKey: string = relay.key): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${relay.url}/v1`, maxRetries: 0 })
}

/** An answer in the background has begun at the first of two accounts. */
async function begin(stage: Stage) {
  const upstream = await stage.upstream(jsonReply(QUEUED))
  const other = await stage.upstream(jsonReply(QUEUED))
  const accounts = [
    accountFor(upstream, 'responses', { name: 'first', type: 'openai-responses', priority: 1 }),
    accountFor(other, 'responses', { name: 'second', type: 'openai-responses', priority: 2 }),
  ]
  const relay = await stage.relay({ accounts })
  const sdk = clientOf(relay)
  expect(await sdk.responses.create({ model: MODEL, input: 'Hi', background: true })).toMatchObject({
    status: 'queued',
  })
  return { upstream, other, relay, sdk }
}

describe('a response that an upstream keeps and Relay does not', () => {
  test('is asked of the account that made it, until it is complete', async (context) => {
    const { upstream, other, relay, sdk } = await begin(openStage(context))
    upstream.answerNext(responsesAnswer({ id: ID, text: 'Done.' }).script)
    expect(await sdk.responses.retrieve(ID, { include: ['reasoning.encrypted_content'] })).toMatchObject({
      id: ID,
      status: 'completed',
    })
    const asked = upstream.requests[1]
    expect([asked?.method, asked?.url]).toEqual([
      'GET',
      expect.stringMatching(/\/responses\/resp_of-the-upstream\?incl/),
    ])
    expect(JSON.stringify(asked?.headers)).not.toContain(relay.key)
    expect(other.requests).toEqual([])
    expect(await relay.records(1)).toHaveLength(1) // looking costs nothing
  })

  test('is cancelled, listed and deleted there', async (context) => {
    const { upstream, sdk } = await begin(openStage(context))
    upstream.answerNext(jsonReply({ ...QUEUED, status: 'cancelled' }))
    expect(await sdk.responses.cancel(ID)).toMatchObject({ status: 'cancelled' })
    upstream.answerNext(jsonReply({ object: 'list', data: [], has_more: false, first_id: null, last_id: null }))
    expect((await sdk.responses.inputItems.list(ID)).data).toEqual([])
    upstream.answerNext(jsonReply({ id: ID, object: 'response', deleted: true }))
    await sdk.responses.delete(ID)
    expect(upstream.requests.slice(1).map(({ method }) => method)).toEqual(['POST', 'GET', 'DELETE'])
    await expect(sdk.responses.retrieve(ID)).rejects.toMatchObject({ status: 404 })
    expect(upstream.requests).toHaveLength(4)
  })

  test('is there for no other relay key, and gone where the upstream has lost it', async (context) => {
    const { upstream, relay, sdk } = await begin(openStage(context))
    const { secret } = await relay.store.createRelayKey({ name: 'other' })
    await expect(clientOf(relay, secret).responses.retrieve(ID)).rejects.toMatchObject({ status: 404 })
    expect(upstream.requests).toHaveLength(1)
    upstream.answerNext(openAiErrorReply(404, { message: 'no such response' }))
    await expect(sdk.responses.retrieve(ID)).rejects.toMatchObject({ status: 404 })
  })

  test('is gone on from nowhere else while its account rests, and the client hears why', async (context) => {
    const { upstream, other, sdk } = await begin(openStage(context))
    const goOn = () => sdk.responses.create({ model: MODEL, input: 'Go on', previous_response_id: ID })
    upstream.answerNext(jsonReply({ error: { message: 'slower' } }, { status: 429, headers: { 'retry-after': '40' } }))
    await expect(goOn()).rejects.toMatchObject({ status: 429 })
    await expect(goOn()).rejects.toMatchObject({
      status: 429,
      message: expect.stringContaining('the account that keeps the response to go on from is out for now'),
    })
    expect(other.requests).toEqual([])
  })

  test('has the upstream’s own word where the question is wrong, and none of its credential', async (context) => {
    const { upstream, sdk } = await begin(openStage(context))
    upstream.answerNext(openAiErrorReply(400, { message: 'Cannot cancel a completed response.' }))
    await expect(sdk.responses.cancel(ID)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('Cannot cancel a completed response.'),
    })
    upstream.answerNext(openAiErrorReply(401, { message: 'bad key' }))
    await expect(sdk.responses.retrieve(ID)).rejects.toMatchObject({ status: 503 })
  })
})
