import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { startDemoUpstream } from '../demo/index.ts'
import { createSender } from '../send/create-sender.ts'
import { createNetworkGuard } from '../send/network-guard.ts'
import type { Sender } from '../send/upstream-call.ts'
import {
  chatAnswer,
  claudeAnswer,
  claudeErrorReply,
  htmlReply,
  openAiErrorReply,
  rawAnswer,
  startFakeUpstream,
} from '../testing/index.ts'
import type { CannedAnswer, FakeAnswer, FakeScript, FakeUpstream } from '../testing/index.ts'
import type { UpstreamAccount } from '../upstream.ts'
import { testAccount } from './test-account.ts'
import type { AccountTestReport } from './test-account.ts'

let upstream: FakeUpstream
let sender: Sender

beforeEach(async () => {
  upstream = await startFakeUpstream()
  sender = createSender({ guard: createNetworkGuard({ allowLoopback: true }) })
})

afterEach(async () => {
  await sender.close()
  await upstream.close()
})

function run(over: Partial<UpstreamAccount> = {}): Promise<AccountTestReport> {
  const account = { id: 'a', name: 'main', type: 'openai-chat', baseUrl: upstream.url, ...over } as const
  return testAccount({ sender, account, credential: 'sk-secret-credential', model: 'm-1' })
}

/** Calls the tool where one is offered. */
function obliging(canned: (content: Parameters<typeof chatAnswer>[0]) => CannedAnswer): FakeScript {
  const call = { id: 'c1', name: 'report_status', arguments: { status: 'ok' } }
  return (request) => {
    const offersTools = request.body.includes('"tools"')
    return canned(offersTools ? { toolCalls: [call] } : {}).reply(request)
  }
}

/** An event stream that never ends. */
function leftOpen(text: string): FakeAnswer {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n'
  return rawAnswer(`${head}${text}\n\n`, { keepOpen: true })
}

function outcomes(report: AccountTestReport): Record<string, string> {
  const { reach, auth, modelFound, whole, stream, tools } = report
  const steps = { reach, auth, modelFound, whole, stream, tools }
  return Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, step.outcome]))
}

const allPassed = {
  reach: 'passed',
  auth: 'passed',
  modelFound: 'passed',
  whole: 'passed',
  stream: 'passed',
  tools: 'passed',
}

describe('an account that works', () => {
  test('passes every step in the chat format', async () => {
    upstream.answer(obliging(chatAnswer))
    const report = await run()
    expect(outcomes(report)).toEqual(allPassed)
    expect(report).toMatchObject({
      apiFormat: 'openai-chat',
      url: `${upstream.url}/v1/chat/completions`,
      whole: { status: 200 },
    })
    expect(upstream.requests.map((request) => request.headers['authorization'])).toEqual(
      Array.from({ length: 3 }, () => 'Bearer sk-secret-credential'),
    )
  })

  test('passes every step in the claude format', async () => {
    upstream.answer(obliging(claudeAnswer))
    expect(outcomes(await run({ type: 'claude-console' }))).toEqual(allPassed)
    expect(upstream.requests[0]?.headers).toMatchObject({
      'anthropic-version': '2023-06-01',
      'x-api-key': 'sk-secret-credential',
    })
  })

  test('may leave the connection of its stream open', async () => {
    const answers = obliging(chatAnswer)
    const { sse } = chatAnswer()
    upstream.answer(async (request, index) =>
      request.body.includes('"stream":true') ? leftOpen(sse) : answers(request, index),
    )
    expect(outcomes(await run({ timeouts: { idleMs: 500 } }))).toEqual(allPassed)
  })

  test('may answer in the other family', async () => {
    upstream.answer(obliging(chatAnswer))
    expect(outcomes(await run({ type: 'ccr' }))).toEqual(allPassed)
  })

  test('the demo account is one', async () => {
    const demo = await startDemoUpstream({ chunkDelayMs: 0 })
    expect(outcomes(await run({ baseUrl: demo.url }))).toEqual(allPassed)
    await demo.close()
  })
})

describe('an account that does not work', () => {
  const rest = { whole: 'failed', stream: 'skipped', tools: 'skipped' }

  test('is not reached where nobody listens', async () => {
    await upstream.close()
    const report = await run()
    expect(outcomes(report)).toEqual({
      reach: 'failed',
      auth: 'skipped',
      modelFound: 'skipped',
      ...rest,
    })
    expect(report.reach.message).toContain('no connection')
  })

  test('is refused with a wrong credential, which is not repeated', async () => {
    const message = 'Incorrect API key provided: sk-secret-credential. Organization org-abcdef123'
    upstream.answer(openAiErrorReply(401, { message }))
    const report = await run()
    expect(outcomes(report)).toEqual({
      reach: 'passed',
      auth: 'failed',
      modelFound: 'skipped',
      ...rest,
    })
    expect(report.auth.message).toBe(
      'the upstream answered 401: Incorrect API key provided: [redacted]. Organization [redacted]',
    )
  })

  test('does not know the model', async () => {
    upstream.answer(claudeErrorReply(404, { type: 'not_found_error', message: 'model: m-1' }))
    expect(outcomes(await run({ type: 'ccr' }))).toMatchObject({ auth: 'passed', modelFound: 'failed' })
  })

  test('shows a wrong base URL by the page that comes back, without repeating it', async () => {
    upstream.answer(htmlReply())
    const { whole } = await run()
    expect(whole).toMatchObject({ outcome: 'failed', message: 'the answer is not a JSON object' })
  })

  test.each([
    ['a page', 404, htmlReply({ status: 404 })],
    ['an error of a path', 404, openAiErrorReply(404, { message: 'Not Found' })],
    ['another method', 405, htmlReply({ status: 405 })],
  ])('shows a base URL that leads elsewhere by %s under status %i', async (_, status, reply) => {
    upstream.answer(reply)
    const report = await run()
    const skipped = { stream: 'skipped', tools: 'skipped', auth: 'skipped', modelFound: 'skipped' }
    expect(outcomes(report)).toEqual({ ...skipped, reach: 'passed', whole: 'failed' })
    expect(report.whole).toMatchObject({ status, message: expect.stringContaining('check the base URL') })
  })

  test('does not know the model, and names it without the word', async () => {
    upstream.answer(openAiErrorReply(404, { message: 'No endpoints found for m-1.' }))
    const { auth, modelFound } = await run()
    expect(modelFound).toEqual(
      expect.objectContaining({ outcome: 'failed', message: 'the upstream answered 404: No endpoints found for m-1.' }),
    )
    expect(auth.outcome).toBe('passed')
  })

  test('is not taken to have accepted anything that answers with a page', async () => {
    upstream.answer(htmlReply())
    const skipped = { stream: 'skipped', tools: 'skipped', auth: 'skipped', modelFound: 'skipped' }
    expect(outcomes(await run())).toEqual({ ...skipped, reach: 'passed', whole: 'failed' })
  })

  test('streams without an end', async () => {
    const answers = obliging(chatAnswer)
    upstream.answer(async (request, index) => {
      const answer = await answers(request, index)
      if (answer.kind !== 'reply' || !request.body.includes('"stream":true')) return answer
      return { ...answer, body: 'data: {"choices":[{"delta":{"content":"x"},"finish_reason":null}]}\n\n' }
    })
    const { stream } = await run()
    expect(stream).toMatchObject({
      outcome: 'failed',
      message: 'the stream ended without the last event of openai-chat',
    })
  })

  test('streams unasked and without end, of which the beginning says enough', async () => {
    upstream.answer(leftOpen('data: {"choices":[{"index":0,"delta":{"content":"x"}}]}'))
    const report = await run({ timeouts: { idleMs: 500 } })
    expect(report).toMatchObject({
      auth: { outcome: 'passed' },
      whole: { outcome: 'failed', status: 200, message: 'the answer is not a JSON object' },
      stream: { outcome: 'failed', message: expect.stringContaining('sent nothing for') },
      tools: { outcome: 'failed', status: 200 },
    })
  })

  test('has no tools', async () => {
    upstream.answer(chatAnswer().script)
    expect((await run()).tools).toMatchObject({
      outcome: 'failed',
      message: 'the model answered without calling the tool',
    })
  })
})
