import { describe, expect, it } from 'vitest'

import { createConverter } from '../convert/create-converter.ts'
import type { Loose } from '../testing/loose.ts'
import { judgeResponsesStream, readEvents, responsesSse } from '../testing/responses-judge.ts'
import { tap } from './tap.ts'

const RESPONSE = {
  id: 'resp_up',
  object: 'response',
  created_at: 1,
  status: 'in_progress',
  model: 'up-model',
  output: [],
}
const CREATED = { type: 'response.created', response: RESPONSE }
const ADDED = {
  type: 'response.output_item.added',
  output_index: 0,
  item: { id: 'msg_1', type: 'message', status: 'in_progress', role: 'assistant', content: [] },
}
const PART = {
  type: 'response.content_part.added',
  item_id: 'msg_1',
  output_index: 0,
  content_index: 0,
  part: { type: 'output_text', text: '', annotations: [] },
}
const DELTA = {
  type: 'response.output_text.delta',
  item_id: 'msg_1',
  output_index: 0,
  content_index: 0,
  delta: 'Hi',
  logprobs: [],
}
const ITEM = { ...ADDED.item, status: 'completed', content: [{ type: 'output_text', text: 'Hi', annotations: [] }] }
const DONE = { type: 'response.output_item.done', output_index: 0, item: ITEM }
const USAGE = { input_tokens: 10, input_tokens_details: { cached_tokens: 4 }, output_tokens: 5, total_tokens: 15 }
const COMPLETED = {
  type: 'response.completed',
  response: { ...RESPONSE, status: 'completed', output: [ITEM], usage: USAGE, service_tier: 'flex' },
}

const converter = createConverter({ client: 'openai-responses', upstream: 'openai-responses' })

function pass(...events: readonly Loose[]): {
  readonly text: string
  readonly stream: ReturnType<ReturnType<typeof converter.exchange>['stream']>
} {
  const stream = converter.exchange({ model: 'm', input: 'x', stream: true }).stream()
  const text = stream.push(new TextEncoder().encode(responsesSse(...events))) + stream.end()
  return { text, stream }
}

describe('a Responses stream to a Responses client', () => {
  it('is kept alive by comments until the client has seen its beginning, and then by events that Codex counts', async () => {
    const stream = converter.exchange({ model: 'm', input: 'x', stream: true }).stream()
    expect(stream.ping()).toMatch(/^: /)
    stream.push(new TextEncoder().encode(responsesSse(CREATED)))
    expect(stream.ping()).toMatch(/^: /) // it is still held back
    const opened = stream.open()
    expect(opened).toBe(responsesSse(CREATED))
    const ping = stream.ping()
    expect(ping).toMatch(/^event: keepalive\n/)
    const rest = stream.push(new TextEncoder().encode(responsesSse(ADDED, PART, DELTA, DONE, COMPLETED)))
    expect(await judgeResponsesStream(opened + ping + rest)).toMatchObject({ status: 'completed' })
  })

  it('that breaks before anything came still begins for a client whose stream was opened', () => {
    const stream = converter.exchange({ model: 'm', input: 'x', stream: true }, { requestId: 'req_7' }).stream()
    const text = stream.open() + stream.fail({ kind: 'timeout', message: 'too slow' })
    const [created, failed, ...more] = readEvents(text)
    expect(created).toMatchObject({ type: 'response.created', response: { id: 'resp_req_7', status: 'in_progress' } })
    expect(failed).toMatchObject({
      type: 'response.failed',
      response: { id: 'resp_req_7', status: 'failed', error: { code: 'server_error', message: 'too slow' } },
    })
    expect(more).toEqual([])
    // Codex reads no response from which a required member is missing.
    expect(failed.response).toEqual({
      id: 'resp_req_7',
      object: 'response',
      created_at: 0,
      model: '',
      status: 'failed',
      output: [],
      error: { code: 'server_error', message: 'too slow' },
      incomplete_details: null,
      access_programs: null,
      instructions: null,
      metadata: {},
      parallel_tool_calls: true,
      temperature: null,
      tool_choice: 'auto',
      tools: [],
      top_p: null,
      usage: null,
    })
  })

  it('passes byte for byte, and its usage, model and id are read', () => {
    const events = [CREATED, ADDED, PART, DELTA, DONE, COMPLETED]
    const { text, stream } = pass(...events)
    expect(text).toBe(responsesSse(...events))
    expect(stream).toMatchObject({ state: 'finished', upstreamId: 'resp_up', upstreamModel: 'up-model' })
    expect(stream.usage).toMatchObject({ inputUncached: 6, cacheRead: 4, output: 5, serviceTier: 'flex' })
  })

  it('that is cut ends in a failed response of the same id, which the SDK sees as failed', async () => {
    const { text, stream } = pass(CREATED, ADDED, PART, DELTA)
    expect(readEvents(text).at(-1)).toMatchObject({
      type: 'response.failed',
      sequence_number: 4,
      response: { id: 'resp_up', model: 'up-model', status: 'failed', error: { code: 'server_error' } },
    })
    expect(stream.error?.kind).toBe('upstream_truncated')
    expect(await judgeResponsesStream(text)).toMatchObject({ status: 'failed' })
  })

  it('that fails before its first content gives no byte, so that a real status can be answered', () => {
    const failed = {
      type: 'response.failed',
      response: { ...RESPONSE, status: 'failed', error: { code: 'rate_limit_exceeded', message: 'slow down' } },
    }
    const { text, stream } = pass(CREATED, failed)
    expect([text, stream.committed, stream.error?.kind]).toEqual(['', false, 'rate_limit'])
  })
})

describe('the tap of Responses streams', () => {
  it.for([
    [CREATED, true, false],
    [ADDED, false, false],
    [PART, false, false],
    [DELTA, false, true],
    [{ ...ADDED, item: { id: 'fc_1', type: 'function_call', call_id: 'c', name: 'f', arguments: '' } }, false, true],
    [DONE, false, false],
    [COMPLETED, true, true],
    [{ type: 'response.incomplete', response: RESPONSE }, true, true],
    [{ type: 'error', message: 'x' }, true, true],
    [{ type: 'keepalive', sequence_number: 3 }, false, false],
    [{ type: 'codex.rate_limits', plan_type: 'plus' }, true, false],
    [{ detail: 'Not authenticated' }, true, false],
  ] as const)('parses and weighs %j as it should', ([event, mustParse, isMeaningful]) => {
    const data = JSON.stringify(event)
    expect([tap.mustParse(undefined, data), tap.isMeaningful(undefined, data)]).toEqual([mustParse, isMeaningful])
  })

  it('knows a type that does not stand first by the name of the event', () => {
    const data = JSON.stringify({ response: RESPONSE, type: 'response.created' })
    expect([tap.mustParse('response.created', data), tap.isMeaningful('response.created', data)]).toEqual([true, false])
    const delta = JSON.stringify({ sequence_number: 1, type: DELTA.type })
    expect([tap.mustParse(DELTA.type, delta), tap.isMeaningful(DELTA.type, delta)]).toEqual([true, true])
  })

  it('reads terminal events as such, and trouble as a failure', () => {
    expect(tap.read(COMPLETED, undefined)).toMatchObject({ hasFinish: true, isTerminal: true, usage: { output: 5 } })
    expect(tap.read({ type: 'error', code: 'server_is_overloaded', message: 'busy' }, undefined).failure?.kind).toBe(
      'overloaded',
    )
    expect(tap.read({ type: 'response.cancelled', response: RESPONSE }, undefined).failure).toBeDefined()
    expect(tap.read(DELTA, undefined)).toEqual({})
  })
})
