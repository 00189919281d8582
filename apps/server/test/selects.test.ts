import type { AccountInput } from '@relay/account-store'
import type { FakeScript } from '@relay/upstreams/testing'
import { expect, test } from 'vitest'

import { ask, canned, DIALECTS, readStream, readWhole, STORY } from './dialects.ts'
import { accountFor, openStage, type Dialect, type Stage, type TestRelay } from './harness.ts'

const TYPES = ['ccr', 'claude-console', 'responses', 'openai-responses', 'openai-chat'] as const
const API_FORMATS = ['claude', 'openai-chat', 'openai-responses', 'auto'] as const
const DIALECT_AT: Readonly<Record<string, Dialect>> = {
  '/v1/messages': 'claude',
  '/v1/chat/completions': 'chat',
  '/v1/responses': 'responses',
}

/** What the types speak; the first is what `auto` falls back to. */
const SPOKEN: Readonly<Record<(typeof TYPES)[number], readonly Dialect[]>> = {
  ccr: ['claude'],
  'claude-console': ['claude'],
  responses: ['responses'],
  'openai-responses': ['responses', 'chat'],
  'openai-chat': ['chat'],
}

const OF_API_FORMAT = { claude: 'claude', 'openai-chat': 'chat', 'openai-responses': 'responses' } as const

/** Both selects, and what comes back: as the Response format says, or with `auto` whatever it is. */
const BODIES = [
  { responseFormat: 'claude', body: () => 'claude' },
  { responseFormat: 'openai', body: (sent: Dialect) => (sent === 'responses' ? 'responses' : 'chat') },
  { responseFormat: 'auto', body: (sent: Dialect) => sent },
  { responseFormat: 'auto', body: () => 'claude' },
  { responseFormat: 'auto', body: () => 'chat' },
  { responseFormat: 'auto', body: () => 'responses' },
] as const satisfies readonly {
  readonly responseFormat: AccountInput['responseFormat']
  readonly body: (sent: Dialect) => Dialect
}[]

/** An upstream whose model names say in what they are answered; `sent` answers in what was asked. */
const answering: FakeScript = (request) => {
  const sent = DIALECT_AT[request.url.replace(/\?.*/, '')]
  const { model, stream } = request.json as { readonly model: string; readonly stream?: boolean }
  const chosen = BODIES[Number(model)]
  if (sent === undefined || chosen === undefined) return { kind: 'reply', status: 404, body: request.url }
  const { sse, json } = canned(chosen.body(sent))
  const type = stream === true ? 'text/event-stream' : 'application/json'
  return { kind: 'reply', headers: { 'content-type': type }, body: stream === true ? sse : JSON.stringify(json) }
}

/** The same, with streams for those who want one piece, one piece for those who want a stream, and the wrong type. */
const answeringOtherwise: FakeScript = (request, index) => {
  const { stream } = request.json as { readonly stream?: boolean }
  const other = { ...request, json: { ...(request.json as object), stream: stream !== true } }
  const answer = answering(other, index)
  return 'kind' in answer && answer.kind === 'reply' ? { ...answer, headers: { 'content-type': 'text/html' } } : answer
}

type AccountTypes = readonly (typeof TYPES)[number][]

/** The same behind events that tell no format, as relays send them while they wait; clients of Responses take none. */
const answeringBehindPings: FakeScript = async (request, index) => {
  const answer = await answering(request, index)
  if (answer.kind !== 'reply' || !/^(event: message_start|data: {)/.test(String(answer.body))) return answer
  const ping = 'event: ping\ndata: {"type":"ping"}\n\n'
  return { ...answer, body: `${ping}data: {"status":"queued"}\n\n${ping}${String(answer.body)}` }
}

async function openRelay(stage: Stage, script: FakeScript, types: AccountTypes): Promise<TestRelay> {
  const upstream = await stage.upstream(script)
  const accounts = types.flatMap((type) =>
    API_FORMATS.flatMap((apiFormat) =>
      BODIES.map(({ responseFormat }, index) =>
        accountFor(upstream, 'chat', {
          name: `${type} ${apiFormat} ${index}`,
          type,
          apiFormat,
          responseFormat,
          models: { [`${type} ${apiFormat} ${index}`]: String(index) },
        }),
      ),
    ),
  )
  return stage.relay({ accounts })
}

/** What is sent to an account of this type for a client of this dialect. */
function sentTo(type: (typeof TYPES)[number], apiFormat: (typeof API_FORMATS)[number], client: Dialect): Dialect {
  if (apiFormat !== 'auto') return OF_API_FORMAT[apiFormat]
  const [usual = client] = SPOKEN[type]
  return SPOKEN[type].includes(client) ? client : usual
}

const FORMAT_OF = { claude: 'anthropic-messages', chat: 'openai-chat', responses: 'openai-responses' } as const

const WAYS_TO_ANSWER = [
  { answered: 'as it asked', script: answering, types: TYPES },
  { answered: 'in the other shape', script: answeringOtherwise, types: ['ccr'] },
  { answered: 'behind keep-alives', script: answeringBehindPings, types: ['ccr'] },
] as const

const ASKED = DIALECTS.flatMap((client) => [true, false].map((isStream) => ({ client, isStream })))

test.for(WAYS_TO_ANSWER.flatMap((way) => ASKED.map((asked) => ({ ...way, ...asked }))))(
  '$client (stream: $isStream), answered $answered: every type with both selects in all combinations',
  { timeout: 120_000 },
  async ({ client, isStream, script, types }, context) => {
    const relay = await openRelay(openStage(context), script, types)
    const cases = types.flatMap((type) =>
      API_FORMATS.flatMap((apiFormat) =>
        BODIES.map((_, index) => ({
          model: `${type} ${apiFormat} ${index}`,
          format: FORMAT_OF[sentTo(type, apiFormat, client)],
        })),
      ),
    )
    const read = async (model: string): Promise<string> => {
      const response = await ask(relay, client, { isStream, body: { model } })
      return isStream ? readStream(client, await response.text()).text : readWhole(client, response)
    }

    const texts: string[] = []
    while (texts.length < cases.length) {
      const some = cases.slice(texts.length, texts.length + BODIES.length * API_FORMATS.length)
      texts.push(...(await Promise.all(some.map(({ model }) => read(model)))))
    }

    const formats = new Map((await relay.records(cases.length)).map((each) => [each.modelAsked, each.upstreamFormat]))
    const seen = cases.map(({ model }, index) => ({ model, text: texts[index], format: formats.get(model) }))
    expect(seen).toEqual(cases.map((each) => ({ ...each, text: STORY })))
    await relay.idle()
  },
)

test.for(ASKED)(
  '$client (stream: $isStream): a response format that does not fit is told of after one try',
  async ({ client, isStream }, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { responseFormat: 'claude' })] })

    const response = await ask(relay, client, { isStream })

    expect([response.status, response.headers.get('x-should-retry')]).toEqual([502, 'false'])
    expect(await response.text()).toContain('set it to auto')
    expect(upstream.requests).toHaveLength(1)
    await relay.idle()
  },
)
