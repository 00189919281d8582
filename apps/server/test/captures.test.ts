import type { AccountStore, CaptureEntry } from '@relay/account-store'
import { compileRules } from '@relay/format-converter/rules'
import { chatAnswer, claudeAnswer, openAiErrorReply, sseReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { writeCaptureDefaults } from '../src/capture/capture-defaults.ts'
import { readCapture } from '../src/capture/captured-exchange.ts'
import type { CapturedExchange } from '../src/capture/captured-exchange.ts'
import { replayCapture, sentText } from '../src/capture/replay.ts'
import { accountFor, eventually, openStage } from './harness.ts'
import type { TestRelay } from './harness.ts'

const CREDENTIAL = 'upstream-credential-0001'
const REQUEST = {
  model: 'claude-sonnet-5',
  max_tokens: 500,
  top_k: 4,
  stream: true,
  messages: [{ role: 'user', content: 'Grüße an dich, sk-ant-api03-somebodys-own-key!' }],
}
const RACE_MS = 5_000

/** Captures from now on, and waits until this node knows. */
async function capture(relay: TestRelay, maxCaptures = 10): Promise<string> {
  const [key] = await relay.store.listRelayKeys()
  const keyId = key?.id ?? ''
  await relay.store.startCapturing({ keyId, durationMs: 60_000, maxCaptures, startedBy: 'ada' })
  await eventually('the node does not capture', async () => (await probe(relay)) > 0, RACE_MS)
  return keyId
}

/** Sends until something is captured, then forgets it: the list of captured keys is read once a second. */
async function probe(relay: TestRelay): Promise<number> {
  await relay.post('/v1/messages', { ...REQUEST, stream: false })
  await relay.idle()
  const entries = await relay.store.listCaptures()
  for (const { requestId } of entries) await relay.store.removeCapture(requestId)
  return entries.length
}

async function captured(store: AccountStore, count: number): Promise<readonly CaptureEntry[]> {
  await eventually(`there are not ${count} captures`, async () => (await store.listCaptures()).length >= count, RACE_MS)
  return store.listCaptures()
}

async function openCapture(store: AccountStore): Promise<CapturedExchange> {
  const [entry] = await captured(store, 1)
  const opened = await store.getCapture(entry?.requestId ?? '')
  const exchange = opened === undefined ? undefined : readCapture(opened.body)
  if (exchange === undefined) throw new Error('the capture cannot be read')
  return exchange
}

describe('captures', () => {
  test('nothing is kept of a request unless somebody asked for it', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    expect((await relay.post('/v1/messages', REQUEST)).status).toBe(200)
    await relay.records(1)
    expect(await relay.store.listCaptures()).toEqual([])
  })

  test('a capture is kept for as long as an admin has decided', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer().script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    await writeCaptureDefaults(relay.store, { minutes: 15, maxCaptures: 20, keepDays: 2 })
    await capture(relay)
    await relay.post('/v1/messages', { ...REQUEST, stream: false })
    const [entry] = await captured(relay.store, 1)
    expect((entry?.expiresAt ?? 0) - (entry?.createdAt ?? 0)).toBe(2 * 86_400_000)
  })

  test('a captured stream holds the very bytes of both sides, and no secret', async (context) => {
    const stage = openStage(context)
    const bytes = chatAnswer({ text: `Grüße zurück an ${CREDENTIAL}` }).sse
    const upstream = await stage.upstream(() => sseReply(bytes, { pieceBytes: 7 }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    await capture(relay)
    const received = await (await relay.post('/v1/messages', REQUEST)).text()
    expect(received).toContain('Grüße zurück')

    const exchange = await openCapture(relay.store)
    expect(exchange).toMatchObject({
      clientFormat: 'anthropic-messages',
      upstreamFormat: 'openai-chat',
      model: 'claude-sonnet-5',
      isStream: true,
      status: 200,
      accountName: 'chat upstream',
      isCut: false,
    })
    expect(Buffer.from(exchange.answer).toString()).toBe(bytes.replaceAll(CREDENTIAL, '[redacted]'))
    const request = Buffer.from(exchange.request).toString()
    expect(JSON.parse(request)).toMatchObject({ top_k: 4, stream: true })
    expect(request).toContain('Grüße an dich')
    const everything = JSON.stringify(exchange) + request + Buffer.from(exchange.sent).toString()
    for (const secret of [CREDENTIAL, relay.key, 'somebodys-own-key']) expect(everything).not.toContain(secret)
  })

  test('capturing ends after its number, and of several attempts the last one is kept', async (context) => {
    const stage = openStage(context)
    const broken = await stage.upstream(() => openAiErrorReply(503, { message: 'busy' }))
    const upstream = await stage.upstream(chatAnswer({ text: 'from the second' }).script)
    const accounts = [
      accountFor(broken, 'chat', { name: 'first', priority: 1 }),
      accountFor(upstream, 'chat', { name: 'second', priority: 2 }),
    ]
    const relay = await stage.relay({ accounts })
    const keyId = await capture(relay, 500)
    await relay.store.startCapturing({ keyId, durationMs: 60_000, maxCaptures: 1, startedBy: 'ada' })
    for (const _ of [1, 2, 3]) await (await relay.post('/v1/messages', REQUEST)).text()
    await relay.idle()
    expect(await captured(relay.store, 1)).toHaveLength(1)
    expect(await relay.store.listCapturing()).toEqual([])
    const exchange = await openCapture(relay.store)
    expect(exchange.accountName).toBe('second')
    expect(Buffer.from(exchange.answer).toString()).toContain('from the sec')
  })

  test.for(['chat', 'claude'] as const)(
    'a replay from %s gives what was sent and received',
    async (dialect, context) => {
      const stage = openStage(context)
      const answer = dialect === 'chat' ? chatAnswer({ text: 'Hello' }) : claudeAnswer({ text: 'Hello' })
      const upstream = await stage.upstream(answer.script)
      const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
      await capture(relay)
      const received = await (await relay.post('/v1/messages', { ...REQUEST, metadata: { user_id: 'ada' } })).text()
      const exchange = await openCapture(relay.store)
      const plan = { upstreamFormat: exchange.upstreamFormat, model: exchange.upstreamModel, profile: exchange.profile }
      const sendsBefore = upstream.requests.length

      const same = replayCapture(exchange, { ...plan, rules: undefined })
      expect(same.failure).toBeUndefined()
      expect(JSON.parse(same.request)).toEqual(JSON.parse(sentText(exchange)))
      expect(typesOf(same.answer)).toEqual(typesOf(received))

      const compiled = compileRules({
        version: 1,
        rules: [{ id: 'cap', phase: 'request.upstream', ops: [{ op: 'set', path: '/seed', value: 7 }] }],
      })
      if (!compiled.ok) throw new Error('the rules are good')
      const ruled = replayCapture(exchange, { ...plan, rules: compiled.rules })
      expect(JSON.parse(ruled.request)).toEqual({ ...JSON.parse(same.request), seed: 7 })
      expect(ruled.losses.map(({ code }) => code)).toContain('rule_applied')

      const other = replayCapture(exchange, { ...plan, upstreamFormat: 'openai-responses', rules: undefined })
      expect(other.path).toBe('/responses')
      expect(other.answer).toContain('Hello')
      expect(upstream.requests.length).toBe(sendsBefore)
    },
  )

  const LONG = 'a '.repeat(600_000)
  test.for([
    ['the request', { request: LONG, answer: 'short', stream: true }],
    ['a streamed answer', { request: 'short', answer: LONG, stream: true }],
    ['a whole answer', { request: 'short', answer: LONG, stream: false }],
  ] as const)('a replay says that %s was cut, not what a parser says of it', async ([, texts], context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(chatAnswer({ text: texts.answer }).script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    await capture(relay)
    const messages = [{ role: 'user', content: texts.request }]
    await (await relay.post('/v1/messages', { ...REQUEST, stream: texts.stream, messages })).text()
    const exchange = await openCapture(relay.store)
    const { upstreamFormat, upstreamModel: model, profile } = exchange
    const { failure } = replayCapture(exchange, { upstreamFormat, model, profile, rules: undefined })
    expect([exchange.isCut, failure]).toEqual([true, 'the recording was cut at 1 MB and has no end'])
  })
})

function typesOf(sse: string): readonly string[] {
  return [...sse.matchAll(/^event: (.+)$/gm)].map(([, type]) => type ?? '').filter((type) => type !== 'ping')
}
