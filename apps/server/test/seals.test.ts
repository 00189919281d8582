import Anthropic from '@anthropic-ai/sdk'
import type { AccountChange, AccountInput } from '@relay/account-store'
import { chatAnswer, claudeAnswer, claudeErrorReply, openAiErrorReply, responsesAnswer } from '@relay/upstreams/testing'
import type { CannedAnswer, CannedContent, FakeAnswer, FakeUpstream } from '@relay/upstreams/testing'
import OpenAI from 'openai'
import { describe, expect, test, type TestContext } from 'vitest'

import { accountFor, openStage, type TestRelay } from './harness.ts'

const MODEL = 'claude-sonnet-4-5'
const QUESTION = 'How warm is it?'
const PROOF = 'cHJvb2Ytb2YtdGhlLXVwc3RyZWFt'
const CALL = { id: 'call_1', name: 'now', arguments: { zone: 'utc' } }
const SCHEMA = { type: 'object', properties: { zone: { type: 'string' } } } as const

/** A kind of upstream: how it answers, what it is called, and how it refuses a proof. */
interface Side {
  readonly answer: (content: CannedContent) => CannedAnswer
  readonly account: (upstream: FakeUpstream, changes?: Partial<AccountInput>) => AccountInput
  readonly refusal: FakeAnswer
  /** The upstream's own place of a proof, as it has to come back. */
  readonly returned: object
}

const CLAUDE: Side = {
  answer: claudeAnswer,
  account: (upstream, changes) => accountFor(upstream, 'claude', changes),
  refusal: claudeErrorReply(400, {
    type: 'invalid_request_error',
    message: 'messages.1.content.0: Invalid `signature` in `thinking` block',
  }),
  returned: { type: 'thinking', thinking: 'It is early.', signature: PROOF },
}
const CHAT: Side = {
  answer: chatAnswer,
  account: (upstream, changes) =>
    accountFor(upstream, 'chat', { profile: { dialect: { reasoningReplay: 'reasoning_details' } }, ...changes }),
  refusal: openAiErrorReply(400, { message: 'could not be verified', code: 'invalid_encrypted_content' }),
  returned: { type: 'reasoning.encrypted', data: PROOF },
}
const RESPONSES: Side = {
  answer: responsesAnswer,
  account: (upstream, changes) => accountFor(upstream, 'chat', { name: 'responses', type: 'responses', ...changes }),
  refusal: openAiErrorReply(400, { message: 'could not be verified', code: 'invalid_encrypted_content' }),
  returned: { type: 'reasoning', encrypted_content: PROOF },
}

/** A client that takes a step with a tool and comes back with the result, as its kind does. */
interface Client {
  /** The first step; gives what has to come back for it. */
  readonly begin: (relay: TestRelay, isStream: boolean) => Promise<readonly object[]>
  /** The second step, with the first one before it. */
  readonly goOn: (relay: TestRelay, step: readonly object[], headers?: Record<string, string>) => Promise<Response>
}

const MESSAGES_REQUEST = {
  model: MODEL,
  max_tokens: 4096,
  thinking: { type: 'enabled', budget_tokens: 1024 },
  tools: [{ name: CALL.name, input_schema: SCHEMA }],
}
const CHAT_REQUEST = {
  model: MODEL,
  reasoning_effort: 'high',
  tools: [{ type: 'function', function: { name: CALL.name, parameters: SCHEMA } }],
}
const RESPONSES_REQUEST = {
  model: MODEL,
  store: false,
  include: ['reasoning.encrypted_content'],
  reasoning: { effort: 'high', summary: 'auto' },
  tools: [{ type: 'function', name: CALL.name, parameters: SCHEMA, strict: false }],
}

const messagesClient: Client = {
  begin: async (relay, isStream) => {
    const sdk = new Anthropic({ apiKey: relay.key, baseURL: relay.url, maxRetries: 0 })
    const request = { ...MESSAGES_REQUEST, messages: [{ role: 'user', content: QUESTION }] } as never
    const { content } = isStream
      ? await sdk.messages.stream(request).finalMessage()
      : ((await sdk.messages.create(request)) as Anthropic.Message)
    return [
      { role: 'user', content: QUESTION },
      { role: 'assistant', content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: CALL.id, content: '10:00' }] },
    ]
  },
  goOn: (relay, messages, headers) => relay.post('/v1/messages', { ...MESSAGES_REQUEST, messages }, { headers }),
}

const chatClient: Client = {
  begin: async (relay) => {
    const messages = [{ role: 'user', content: QUESTION }]
    const answer = await relay.post('/v1/chat/completions', { ...CHAT_REQUEST, messages })
    const { choices } = (await answer.json()) as { readonly choices: readonly { readonly message: object }[] }
    return [
      ...messages,
      ...choices.map(({ message }) => message),
      { role: 'tool', tool_call_id: CALL.id, content: '10:00' },
    ]
  },
  goOn: (relay, messages, headers) => relay.post('/v1/chat/completions', { ...CHAT_REQUEST, messages }, { headers }),
}

const responsesClient: Client = {
  begin: async (relay, isStream) => {
    const sdk = new OpenAI({ apiKey: relay.key, baseURL: `${relay.url}/v1`, maxRetries: 0 })
    const request = { ...RESPONSES_REQUEST, input: QUESTION } as never
    const { output } = isStream
      ? await sdk.responses.stream(request).finalResponse()
      : ((await sdk.responses.create(request)) as OpenAI.Responses.Response)
    const result = { type: 'function_call_output', call_id: CALL.id, output: '10:00' }
    return [{ role: 'user', content: QUESTION }, ...output, result]
  },
  goOn: (relay, input, headers) => relay.post('/v1/responses', { ...RESPONSES_REQUEST, input }, { headers }),
}

const SIDES = { Claude: CLAUDE, Chat: CHAT, Responses: RESPONSES } as const
const CLIENTS = [
  { client: 'Messages', play: messagesClient, native: CLAUDE },
  { client: 'Chat', play: chatClient, native: CHAT },
  { client: 'Responses', play: responsesClient, native: RESPONSES },
] as const
const PAIRS = CLIENTS.flatMap((caller) =>
  Object.entries(SIDES).map(([upstream, side]) => ({ ...caller, upstream, side, isNative: side === caller.native })),
)

interface Scene {
  readonly relay: TestRelay
  readonly upstream: FakeUpstream
}

async function openScene(context: TestContext, side: Side): Promise<Scene> {
  const stage = openStage(context)
  const upstream = await stage.upstream(side.answer({ text: 'Ten.' }).script)
  upstream.answerNext(stepOf(side).script)
  return { upstream, relay: await stage.relay({ accounts: [side.account(upstream)] }) }
}

function stepOf({ answer }: Side): CannedAnswer {
  return answer({ toolCalls: [CALL], reasoning: { text: 'It is early.', proof: PROOF } })
}

function sentTo(upstream: FakeUpstream, index: number): string {
  return JSON.stringify(upstream.requests[index]?.json)
}

/** All objects of a body, however deep. */
function objectsIn(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(objectsIn)]
}

describe.each(PAIRS)('a $client client at a $upstream upstream', ({ client, play, side }) => {
  test.for(client === 'Chat' ? [false] : [false, true])(
    'brings the proof of earlier reasoning back as it was made (stream: %s)',
    async (isStream, context) => {
      const { relay, upstream } = await openScene(context, side)
      const step = await play.begin(relay, isStream)
      const answer = await play.goOn(relay, step)
      expect(answer.status).toBe(200)
      expect(objectsIn(upstream.requests[1]?.json)).toContainEqual(expect.objectContaining(side.returned))
    },
  )

  test('whose proof is refused is served once more without it, and nobody is blamed', async (context) => {
    const { relay, upstream } = await openScene(context, side)
    const step = await play.begin(relay, false)
    upstream.answerNext(side.refusal)
    const answer = await play.goOn(relay, step)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('Ten.')
    expect(answer.headers.get('x-relay-attempts')).toBe('2')
    expect(answer.headers.get('x-relay-losses')).toMatch(/; worst=/)
    expect([sentTo(upstream, 1).includes(PROOF), sentTo(upstream, 2).includes(PROOF)]).toEqual([true, false])
    expect(sentTo(upstream, 2)).toContain('10:00')
    const [, record] = await relay.records(2)
    expect(record?.losses.map(({ code }) => code)).toContain('reasoning_dropped')
    expect((await relay.store.listAccounts())[0]?.state.lastError).toBeUndefined()
  })

  test('hears of a second refusal', async (context) => {
    const { relay, upstream } = await openScene(context, side)
    const step = await play.begin(relay, false)
    upstream.answerNext(side.refusal, side.refusal)
    expect((await play.goOn(relay, step)).status).toBe(400)
    expect(upstream.requests).toHaveLength(3)
  })
})

describe.each(PAIRS.filter(({ isNative }) => !isNative))(
  'a conversation of a $client client that began at a $upstream upstream',
  ({ play, side, native }) => {
    test('leaves what only that account can verify behind when it moves to another one', async (context) => {
      const { relay, second } = await openTwo(context, { first: side, second: side })
      const step = await play.begin(relay, false)
      await change(relay, 'first', { enabled: false })
      expect((await play.goOn(relay, step)).status).toBe(200)
      expect(sentTo(second, 0)).not.toContain(PROOF)
      const [, record] = await relay.records(2)
      expect(record?.losses.map(({ code }) => code)).toContain('reasoning_dropped')
    })

    test('takes no foreign proof along where it passes as it is', async (context) => {
      const { relay, second } = await openTwo(context, { first: side, second: native })
      const step = await play.begin(relay, false)
      await change(relay, 'first', { enabled: false })
      const answer = await play.goOn(relay, step)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('x-relay-losses')).toMatch(/worst=degraded$/)
      expect(sentTo(second, 0)).not.toContain('rly1.')
      expect(sentTo(second, 0)).toContain(QUESTION)
      const [, record] = await relay.records(2)
      // Where thinking was asked for with a budget, it has to be switched off for the open tool loop as well.
      expect(new Set(record?.losses.map(({ code }) => code))).toEqual(new Set(['reasoning_dropped']))
    })

    test('stays at the account that proved its reasoning', async (context) => {
      const { relay, second, first } = await openTwo(context, { first: side, second: side })
      const step = await play.begin(relay, false)
      await change(relay, 'first', { priority: 99 })
      await play.goOn(relay, step)
      expect(sentTo(first, 1)).toContain(PROOF)
      expect(second.requests).toEqual([])
    })
  },
)

describe('a conversation whose proofs say nothing of their account', () => {
  test.for([
    ['a header', { headers: { 'x-session-id': 'session-1' }, body: {} }],
    ['its cache key', { headers: {}, body: { prompt_cache_key: 'session-1' } }],
  ] as const)(
    'stays at the account that served its session last, named by %s',
    async ([, { headers, body }], context) => {
      const { relay, first, second } = await openTwo(context, { first: RESPONSES, second: RESPONSES })
      const request = { ...RESPONSES_REQUEST, ...body, input: QUESTION }
      await relay.post('/v1/responses', request, { headers })
      await change(relay, 'first', { priority: 99 })
      await relay.post('/v1/responses', request, { headers })
      expect([first.requests.length, second.requests.length]).toEqual([2, 0])
      const { secret } = await relay.store.createRelayKey({ name: 'other' })
      await relay.post('/v1/responses', request, { headers: { ...headers, 'x-api-key': secret } })
      expect([first.requests.length, second.requests.length]).toEqual([2, 1])
    },
  )
})

describe.each(PAIRS.filter(({ isNative, client }) => isNative && client !== 'Chat'))(
  'a short conversation without a name of a $client client at an upstream of its own',
  ({ play, side }) => {
    test('goes on where its reasoning was proved, unless that account is out', async (context) => {
      const { relay, first, second } = await openTwo(context, { first: side, second: side })
      const step = await play.begin(relay, false)
      await change(relay, 'first', { priority: 99 })
      await (await play.goOn(relay, step)).text()
      expect(sentTo(first, 1)).toContain(PROOF)
      expect(second.requests).toEqual([])
      await change(relay, 'first', { enabled: false })
      expect((await play.goOn(relay, step)).status).toBe(200)
      expect(second.requests).toHaveLength(1)
    })
  },
)

interface TwoAccounts extends Pick<Scene, 'relay'> {
  readonly first: FakeUpstream
  readonly second: FakeUpstream
}

/** Two accounts, the first one preferred. */
async function openTwo(
  context: TestContext,
  sides: { readonly first: Side; readonly second: Side },
): Promise<TwoAccounts> {
  const stage = openStage(context)
  const first = await stage.upstream(stepOf(sides.first).script)
  const second = await stage.upstream(sides.second.answer({ text: 'Ten.' }).script)
  const accounts = [
    sides.first.account(first, { name: 'first', priority: 1 }),
    sides.second.account(second, { name: 'second' }),
  ]
  return { first, second, relay: await stage.relay({ accounts }) }
}

async function change({ store }: TestRelay, name: string, fields: AccountChange): Promise<void> {
  const account = (await store.listAccounts()).find((candidate) => candidate.name === name)
  await store.updateAccount(account?.id ?? '', fields)
}
