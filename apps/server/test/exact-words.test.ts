import { jsonReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, DIALECTS, PATHS, readError } from './dialects.ts'
import { accountFor, openStage, type Dialect } from './harness.ts'

const DIGITS = '12345678901234567890'
const TOOL_INPUT = `{"n":${DIGITS}}`

/** A request whose history holds a long number in the arguments of a call, as a client writes it. */
const HISTORIES: Readonly<Record<Dialect, string>> = {
  claude: `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"},
    {"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"w","input":${TOOL_INPUT}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"ok"}]}]}`,
  chat: `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"},{"role":"assistant","tool_calls":[{"id":"call_1",
    "type":"function","function":{"name":"w","arguments":${JSON.stringify(TOOL_INPUT)}}}]},{"role":"tool","tool_call_id":"call_1","content":"ok"}]}`,
  responses: `{"model":"m","store":false,"input":[{"role":"user","content":"Hi"},
    {"type":"function_call","call_id":"call_1","name":"w","arguments":${JSON.stringify(TOOL_INPUT)}},
    {"type":"function_call_output","call_id":"call_1","output":"ok"}]}`,
}

/** A whole answer of Claude with the same call. */
const CLAUDE_CALL = `{"id":"msg_1","type":"message","role":"assistant","model":"m","stop_reason":"tool_use","content":[
  {"type":"tool_use","id":"call_1","name":"w","input":${TOOL_INPUT}}],"usage":{"input_tokens":1,"output_tokens":1}}`

describe.concurrent('EC-177 a long number in tool arguments', () => {
  test.for(DIALECTS.flatMap((client) => DIALECTS.map((upstream) => ({ client, upstream }))))(
    'keeps its digits from $client to $upstream',
    async ({ client, upstream: dialect }, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(jsonReply({ error: { message: 'enough seen' } }, { status: 400 }))
      const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
      await relay.post(PATHS[client], HISTORIES[client])
      expect(upstream.requests[0]?.body.toString()).toContain(DIGITS)
    },
  )

  test.for(DIALECTS)('keeps its digits in a whole answer of Claude for %s', async (client, context) => {
    const stage = openStage(context)
    const reply = { kind: 'reply', headers: { 'content-type': 'application/json' }, body: CLAUDE_CALL } as const
    const upstream = await stage.upstream(reply)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })
    expect(await (await ask(relay, client, { isStream: false })).text()).toContain(DIGITS)
  })
})

describe.concurrent("an upstream's own words about a request", () => {
  const wrong = { message: 'Unknown value.', type: 'invalid_request_error', param: 'top_p', code: 'invalid_value' }

  test.for([
    ['chat', 'chat'],
    ['chat', 'responses'],
    ['responses', 'chat'],
    ['responses', 'responses'],
  ] as const)('%s is told the parameter that %s names', async ([client, dialect], context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply({ error: wrong }, { status: 400 }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
    for (const isStream of [true, false]) {
      const response = await ask(relay, client, { isStream })
      expect(await response.json()).toMatchObject({ error: { message: 'Unknown value.', param: 'top_p' } })
    }
  })

  test('details of Claude reach a Claude client, streamed or not', async (context) => {
    const stage = openStage(context)
    const details = { error_code: 'thread_unsupported_request', unsupported: ['thread'] }
    const error = { type: 'invalid_request_error', message: 'no threads', details }
    const upstream = await stage.upstream(jsonReply({ type: 'error', error }, { status: 400 }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })
    for (const isStream of [true, false]) {
      const response = await ask(relay, 'claude', { isStream })
      expect(await response.json()).toMatchObject({ error: { message: 'no threads', details } })
    }
  })
})

describe.concurrent('a path that nothing is at', () => {
  test('is no unknown model', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [] })
    for (const path of ['/v1/nothing', '/v1/chat/nothing', '/v1/responses/a/b']) {
      const response = await relay.post(path, {})
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', code: null } })
    }
    expect(await readError('claude', await relay.post('/v1/messages/nothing', {}))).toMatchObject({
      status: 404,
      type: 'not_found_error',
    })
  })
})
