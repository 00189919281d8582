import { readdirSync, readFileSync } from 'node:fs'

import type { FormatName } from '@relay/format-converter'
import { profiles } from '@relay/format-converter'
import { describe, expect, onTestFinished, test } from 'vitest'

import type { ServerError } from '../../server-error.ts'
import { type Writing, writeRequest } from '../prepare/write-request.ts'
import { takesLong } from '../request/body-shape.ts'
import { openEnvelope } from '../request/envelope.ts'
import { readAnswerAside, writeRequestAside } from './aside.ts'
import { createLongWork, type LongWork, type ThreadTerms } from './long-work.ts'
import type { ErrandInput } from './messages.ts'

const FORMATS: readonly FormatName[] = ['anthropic-messages', 'openai-chat', 'openai-responses']
const PAIRS = FORMATS.flatMap((client) => FORMATS.map((upstream) => ({ client, upstream }))).filter(
  ({ client, upstream }) => client !== upstream,
)

function open(terms?: ThreadTerms): LongWork {
  const longWork = createLongWork(terms)
  onTestFinished(longWork.stop)
  return longWork
}

/** @param turns - of a few bytes each */
function bodyOf(client: FormatName, turns: number, more: object = {}): Uint8Array {
  const messages = Array.from({ length: turns }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: `turn ${index}`,
  }))
  const said = client === 'openai-responses' ? { input: messages } : { messages, max_tokens: 100 }
  return Buffer.from(JSON.stringify({ model: 'm', ...said, ...more }))
}

function writingOf(client: FormatName, upstream: FormatName, bytes: Uint8Array): Writing {
  return {
    plan: {
      client,
      choice: { format: upstream, answerFormat: upstream, recogniseAnswer: true },
      requestId: 'req_1',
      model: 'sent-model',
      profile: profiles.resolve(upstream, 'sent-model'),
      policy: 'warn',
      sealIssuer: 'issuer',
      isStream: false,
      withoutProofs: false,
      refused: ['metadata'],
      repeats: undefined,
      media: undefined,
    },
    envelope: openEnvelope(bytes, { format: client }),
    rules: undefined,
  }
}

function textOf(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : Buffer.from(body).toString('utf8')
}

/** What an error says, whatever class it is of. */
function told(error: unknown): unknown {
  return structuredClone(Object.assign({}, error))
}

describe('a long request', () => {
  test('is written there as it is here, in every pair of formats', async () => {
    const longWork = open()
    for (const { client, upstream } of PAIRS) {
      const writing = writingOf(client, upstream, bodyOf(client, 12_000, { metadata: { user_id: 'somebody' } }))
      expect(takesLong(writing.envelope.bytes)).toBe(true)
      const here = writeRequest(writing)
      const there = await writeRequestAside({ longWork }, writing)
      expect(textOf(there.body) === textOf(here.body), `${client} > ${upstream}`).toBe(true)
      expect([there.leftOut, there.member('model')]).toEqual([here.leftOut, 'sent-model'])
      expect(there.exchange.carried()).toEqual(here.exchange.carried())
    }
  })

  test('holds up nobody: the loop turns while it is written', async () => {
    const longWork = open()
    let turns = 0
    let isOver = false
    const turn = (): void => {
      turns += 1
      if (!isOver) setImmediate(turn)
    }
    turn()
    await writeRequestAside({ longWork }, writingOf('openai-chat', 'anthropic-messages', bodyOf('openai-chat', 60_000)))
    isOver = true
    expect(turns).toBeGreaterThan(100)
  })

  test('is refused with the same words', async () => {
    const longWork = open()
    const writing = writingOf(
      'openai-chat',
      'anthropic-messages',
      bodyOf('openai-chat', 12_000, { modalities: ['audio'] }),
    )
    const here = await (async () => writeRequest(writing))().catch(told)
    const there = await (async () => writeRequestAside({ longWork }, writing))().catch(told)
    expect(there).toEqual(here)
    expect(there).toMatchObject({ kind: 'unsupported_feature', status: 400 })

    const deep = Buffer.from(
      `{"model":"m","x":"${'y'.repeat(256 * 1024)}","messages":[${'['.repeat(600)}${']'.repeat(600)}]}`,
    )
    await expect(longWork.run('estimate', { client: 'openai-chat', bytes: deep })).rejects.toMatchObject({
      name: 'ServerError',
      failure: { kind: 'invalid_request', message: expect.stringContaining('levels deep') },
    })
  })

  test('that is short is written at once', () => {
    const longWork = { run: () => Promise.reject(new Error('there was an errand')), stop: () => {} }
    const writing = writingOf('openai-chat', 'anthropic-messages', bodyOf('openai-chat', 3))
    expect(writeRequestAside({ longWork }, writing)).not.toBeInstanceOf(Promise)
  })
})

/** Says of a word which thread heard it; two words are its end. */
const WORDS = `
  import { parentPort, threadId } from 'node:worker_threads'
  parentPort.on('message', ({ input }) => {
    if (input === 'fatal') process.exit(1)
    if (input === 'endless') for (;;);
    parentPort.postMessage({ ok: true, result: threadId })
  })`

function say(longWork: LongWork, word: string, isWanted?: () => boolean): Promise<number> {
  return longWork.run('estimate', word as unknown as ErrandInput<'estimate'>, isWanted) // this program takes words
}

describe('the thread', () => {
  const program = new URL(`data:text/javascript,${encodeURIComponent(WORDS)}`)
  const terms = { program, maxMs: 60_000, idleMs: 60_000 }

  test('that ends is started again, and only the errand it was at is lost', async () => {
    const longWork = open(terms)
    const outcomes = await Promise.allSettled(['good', 'fatal', 'good'].map((word) => say(longWork, word)))
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { message: 'the thread for long work has ended' } },
      { status: 'fulfilled' },
    ])
  })

  test('that takes too long at an errand is ended', async () => {
    const longWork = open({ ...terms, maxMs: 500 })
    const outcomes = await Promise.allSettled(['endless', 'good'].map((word) => say(longWork, word)))
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { failure: { kind: 'timeout' } } },
      { status: 'fulfilled' },
    ])
  })

  test('that has nothing to do ends', async () => {
    const longWork = open({ ...terms, idleMs: 0 })
    const first = await say(longWork, 'good')
    await expect.poll(() => say(longWork, 'good')).not.toBe(first)
  })

  test('does not begin what nobody waits for, nor take more than it can do', async () => {
    const longWork = open(terms)
    let isThere = true
    const first = say(longWork, 'good')
    const left = say(longWork, 'fatal', () => isThere)
    isThere = false
    const others = Array.from({ length: 100 }, () => say(longWork, 'good'))
    const reasons = (await Promise.allSettled([left, ...others])).flatMap((outcome) =>
      outcome.status === 'rejected' ? [(outcome.reason as ServerError).failure.kind] : [],
    )
    expect(reasons).toEqual(['client_abort', 'overloaded'])
    expect(await first).toBe(await others[0])
  })
})

test.runIf(process.platform === 'linux')('the thread gives way to the others of the process', async () => {
  const longWork = open()
  await longWork.run('estimate', { client: 'openai-chat', bytes: bodyOf('openai-chat', 1) })
  const own = niceOf(process.pid)
  const others = readdirSync('/proc/self/task').map((thread) => niceOf(thread) - own)
  expect(others).toContain(5)
})

/** How far a thread gives way, as Linux tells it. */
function niceOf(thread: string | number): number {
  const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
}

test('a long answer is read there as it is here', async () => {
  const longWork = open()
  const client = 'openai-responses'
  const asked = textOf(bodyOf(client, 2)).replace(
    /}$/,
    ',"metadata":{"n":"1"},"tools":[{"type":"function","name":"a","parameters":{"type":"object","maximum":12345678901234567890}}]}',
  )
  const writing = writingOf(client, 'anthropic-messages', Buffer.from(asked))
  const { exchange } = writeRequest(writing)
  const content = Array.from({ length: 400 }, (_, index) => ({ type: 'text', text: `part ${index} `.repeat(400) }))
  const answer = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content,
    stop_reason: 'end_turn',
    usage: { input_tokens: 3, output_tokens: 4 },
  }
  const body = Buffer.from(JSON.stringify(answer))
  const read = readAnswerAside({ longWork }, { ...writing, exchange }, { body, isSse: false })
  expect(read).toBeInstanceOf(Promise)
  const { bytes: written, usage, upstreamId } = await read
  expect({ usage, upstreamId }).toMatchObject({ usage: { inputUncached: 3, output: 4 }, upstreamId: 'msg_1' })
  expect(textOf(written)).toContain('part 399')
  expect(textOf(written)).toContain('"maximum":12345678901234567890')
})
