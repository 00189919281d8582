import { sseReply } from '@relay/upstreams/testing'
import type { FakeReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, DIALECTS, readStream, readWhole, STORY, STORY_TOKENS } from './dialects.ts'
import { accountFor, endOf, openStage } from './harness.ts'

const { sse } = canned('chat')
const events = sse.split(/(?<=\n\n)/)
/** Everything but the last word, and its last two events: the finish and the usage. */
const said = events.slice(0, -1)
const usage = said.slice(-1)
const beforeUsage = said.slice(0, -1)
const beforeFinish = said.slice(0, -2)

const LAST_WORD_MS = 600

/** An upstream that keeps its connection open whatever it has sent. */
function unclosed(pieces: readonly string[], reply: Partial<FakeReply> = {}): FakeReply {
  return sseReply([...pieces, ': never sent'], { stallAfterBytes: Buffer.byteLength(pieces.join('')), ...reply })
}

function choice(index: number, delta: object, finish: string | null = null): string {
  const choices = [{ index, delta, finish_reason: finish }]
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices })}\n\n`
}

function piece(index: number, text: string, finish: string | null = null): string {
  const choices = [{ index, text, finish_reason: finish }]
  return `data: ${JSON.stringify({ id: 'cmpl', object: 'text_completion', choices })}\n\n`
}

const signsOfLife = Array.from({ length: 100 }, () => ': still there\n\n')

describe.concurrent('a Chat answer that has all but its last word, on a connection that stays open', () => {
  test.for(DIALECTS)('%s > chat: is over soon', async (client, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(unclosed(said))
    const relay = await stage.relay({
      accounts: [accountFor(upstream, 'chat')],
      rhythm: { lastWordMs: LAST_WORD_MS, lingerMs: 100 },
    })

    const text = await (await ask(relay, client)).text()

    expect(readStream(client, text)).toEqual({ text: STORY, isComplete: true, error: undefined })
    expect(await relay.records(1)).toMatchObject([
      { status: 200, reason: 'completed', usageSource: 'reported', tokens: STORY_TOKENS },
    ])
    await endOf(await upstream.waitForRequest(1))
  })

  test.for(DIALECTS)('%s > chat: comments are no word', async (client, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(sseReply([said.join(''), ...signsOfLife], { pieceDelayMs: 100 }))
    const relay = await stage.relay({
      accounts: [accountFor(upstream, 'chat')],
      rhythm: { lastWordMs: LAST_WORD_MS, lingerMs: 100 },
    })

    const text = await (await ask(relay, client)).text()

    expect(readStream(client, text)).toEqual({ text: STORY, isComplete: true, error: undefined })
    await endOf(await upstream.waitForRequest(1))
  })

  test.for(DIALECTS)('%s > chat: usage that comes late is waited for', async (client, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(
      unclosed([beforeUsage.join(''), usage.join('')], { pieceDelayMs: 2 * LAST_WORD_MS }),
    )
    const accounts = [accountFor(upstream, 'chat')]
    const relay = await stage.relay({ accounts, rhythm: { lastWordMs: 4 * LAST_WORD_MS } })

    await (await ask(relay, client)).text()

    expect(await relay.records(1)).toMatchObject([
      { reason: 'completed', usageSource: 'reported', tokens: STORY_TOKENS },
    ])
  })

  test.for(DIALECTS)('%s > chat: usage that never comes is estimated', async (client, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(unclosed(beforeUsage))
    const accounts = [accountFor(upstream, 'chat')]
    const relay = await stage.relay({ accounts, rhythm: { lastWordMs: LAST_WORD_MS } })

    const text = await (await ask(relay, client)).text()

    expect(readStream(client, text)).toEqual({ text: STORY, isComplete: true, error: undefined })
    expect(await relay.records(1)).toMatchObject([{ reason: 'completed', usageSource: 'estimated' }])
  })

  test.for(DIALECTS)('%s > chat: without a finish it is not complete', async (client, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(unclosed(beforeFinish))
    const accounts = [accountFor(upstream, 'chat', { timeouts: { idleMs: 1_500 } })]
    const relay = await stage.relay({ accounts, rhythm: { lastWordMs: 200 } })

    const text = await (await ask(relay, client)).text()

    expect(readStream(client, text)).toMatchObject({ isComplete: false, error: expect.anything() })
    expect(await relay.records(1)).toMatchObject([{ reason: 'upstream_timeout' }])
  })

  test.for(DIALECTS)('%s > chat: collected for a client that does not stream', async (client, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(unclosed([...said, ...signsOfLife.slice(0, 3)], { pieceDelayMs: 20 }))
    const relay = await stage.relay({
      accounts: [accountFor(upstream, 'chat', { profile: { dialect: { wholeAsStream: true } } })],
      rhythm: { lastWordMs: LAST_WORD_MS },
    })

    const response = await ask(relay, client, { isStream: false })

    expect(await readWhole(client, response)).toBe(STORY)
    expect(await relay.records(1)).toMatchObject([
      { reason: 'completed', usageSource: 'reported', tokens: STORY_TOKENS },
    ])
    await endOf(await upstream.waitForRequest(1))
  })

  test.for([true, false])('each event is waited for anew, streamed (%s) or collected', async (isStream, context) => {
    const stage = openStage(context)
    const nothing = 'data: {"object":"chat.completion.chunk","choices":[]}\n\n'
    const late = [beforeUsage.join(''), nothing, usage.join('')]
    const upstream = await stage.upstream(unclosed(late, { pieceDelayMs: 1_400 }))
    const relay = await stage.relay({
      accounts: [accountFor(upstream, 'chat', { profile: { dialect: { wholeAsStream: true } } })],
      rhythm: { lastWordMs: 2_200 },
    })

    await (await ask(relay, 'chat', { isStream })).text()

    expect(await relay.records(1)).toMatchObject([{ reason: 'completed', tokens: STORY_TOKENS }])
  })
})

describe.concurrent('of several choices', () => {
  const both = [
    choice(0, { role: 'assistant', content: 'one' }),
    choice(1, { role: 'assistant', content: 'two' }),
    choice(0, {}, 'stop'),
  ]

  test.for(['silence', 'cut', 'closed'] as const)('one without a finish is no end: %s', async (how, context) => {
    const stage = openStage(context)
    const bytes = Buffer.byteLength(both.join(''))
    const ways = {
      silence: unclosed(both),
      cut: sseReply([...both, ': x'], { cutAfterBytes: bytes }),
      closed: sseReply(both),
    }
    const upstream = await stage.upstream(ways[how])
    const accounts = [accountFor(upstream, 'chat', { timeouts: { idleMs: 1_500 } })]
    const relay = await stage.relay({ accounts, rhythm: { lastWordMs: 200 } })

    const text = await (await ask(relay, 'chat', { body: { n: 2 } })).text()

    expect(text).not.toContain('[DONE]')
    expect(text).toContain('"error"')
  })

  test('all with their finish are one', async (context) => {
    const stage = openStage(context)
    // as OpenRouter ends: usage beside a choice that has nothing to say
    const last = choice(0, { role: 'assistant', content: '' }).replace(
      '}\n\n',
      ',"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}\n\n',
    )
    const upstream = await stage.upstream(unclosed([...both, choice(1, {}, 'stop'), last]))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], rhythm: { lastWordMs: 200 } })

    const text = await (await ask(relay, 'chat', { body: { n: 2 } })).text()

    expect(text).toMatch(/data: \[DONE\]\n\n$/)
    expect(await relay.records(1)).toMatchObject([{ reason: 'completed', tokens: { inputTokens: 5, outputTokens: 2 } }])
  })
})

describe.concurrent('completions that pass as they are', () => {
  test('are over soon after their finish', async (context) => {
    const stage = openStage(context)
    const pieces = [piece(0, 'one'), piece(0, '', 'stop')]
    const upstream = await stage.upstream(unclosed(pieces))
    const relay = await stage.relay({
      accounts: [accountFor(upstream, 'chat')],
      rhythm: { lastWordMs: 200, lingerMs: 100 },
    })

    const response = await relay.post('/v1/completions', { model: 'm', prompt: 'x', stream: true })

    expect(await response.text()).toBe(pieces.join(''))
    expect(await relay.records(1)).toMatchObject([{ reason: 'completed' }])
    await endOf(await upstream.waitForRequest(1))
  })

  test.for(['silence', 'closed'] as const)('one without a finish is no end: %s', async (how, context) => {
    const stage = openStage(context)
    const pieces = [piece(0, 'one'), piece(1, 'two'), piece(0, '', 'stop'), piece(1, 'and more')]
    const upstream = await stage.upstream(how === 'closed' ? sseReply(pieces) : unclosed(pieces))
    const accounts = [accountFor(upstream, 'chat', { timeouts: { idleMs: 1_500 } })]
    const relay = await stage.relay({ accounts, rhythm: { lastWordMs: 200 } })

    const response = await relay.post('/v1/completions', { model: 'm', prompt: 'x', n: 2, stream: true })

    expect(await response.text()).toContain('"error"')
    expect((await relay.records(1))[0]?.reason).not.toBe('completed')
  })
})
