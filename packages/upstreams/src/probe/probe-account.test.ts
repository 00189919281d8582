import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { createSender } from '../send/create-sender.ts'
import { createNetworkGuard } from '../send/network-guard.ts'
import type { Sender } from '../send/upstream-call.ts'
import {
  chatAnswer,
  claudeAnswer,
  type FakeScript,
  type FakeUpstream,
  jsonReply,
  openAiErrorReply,
  rawAnswer,
  type RecordedRequest,
  responsesAnswer,
  startFakeUpstream,
} from '../testing/index.ts'
import type { UpstreamAccount } from '../upstream.ts'
import { type AccountProbeReport, probeAccount } from './probe-account.ts'

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

function run(over: Partial<UpstreamAccount> = {}): Promise<AccountProbeReport> {
  const account = { id: 'a', name: 'main', type: 'openai-chat', baseUrl: upstream.url, ...over } as const
  return probeAccount({ sender, account, credential: 'sk-secret-credential', model: 'm-1' })
}

const call = { id: 'c1', name: 'report_status', arguments: { status: 'ok' } }
const notFound = openAiErrorReply(404, { message: 'no such path' })

function refuses(request: RecordedRequest, field: RegExp): boolean {
  return field.test(request.body.toString('utf8'))
}

/** A Chat server of the older kind: no developer role, no newer limit, no image, no usage in the stream. */
const classicChat: FakeScript = (request) => {
  if (!request.url.endsWith('/chat/completions')) return notFound
  const refused = /developer|max_completion_tokens|image_url|stream_options|parallel_tool_calls/
  if (refuses(request, refused)) return openAiErrorReply(400, { message: 'Unrecognized request argument' })
  const answer = chatAnswer(refuses(request, /"tools"/) ? { toolCalls: [call] } : {})
  if (!refuses(request, /max_tokens/)) return answer.reply(request)
  const cut = JSON.stringify(answer.json).replace('"stop"', '"length"')
  return jsonReply(JSON.parse(cut))
}

/** A Claude server that counts and takes no instructions inside a conversation; Chat lies beside it. */
const claudeServer: FakeScript = (request) => {
  if (request.url.endsWith('/count_tokens')) return jsonReply({ input_tokens: 9 })
  if (request.url.endsWith('/chat/completions')) return chatAnswer().reply(request)
  if (!request.url.endsWith('/messages')) return notFound
  if (refuses(request, /"role":"system"/)) return openAiErrorReply(400, { message: 'messages: unexpected role' })
  return claudeAnswer(refuses(request, /"tools"/) ? { toolCalls: [call] } : {}).reply(request)
}

/** A modern Responses server; it thinks aloud in Chat. */
const modernServer: FakeScript = (request) => {
  if (request.url.endsWith('/input_tokens')) return jsonReply({ object: 'response.input_tokens', input_tokens: 9 })
  if (request.url.endsWith('/responses')) {
    return responsesAnswer(refuses(request, /"tools"/) ? { toolCalls: [call, { ...call, id: 'c2' }] } : {}).reply(
      request,
    )
  }
  return notFound
}

describe('a probe finds the dialect', () => {
  test('of an older Chat server', async () => {
    upstream.answer(classicChat)
    const report = await run()
    expect(report.findings).toEqual({
      dialect: {
        includeUsage: false,
        maxTokensField: 'max_tokens',
        parallelToolCalls: false,
        systemRole: 'system',
        lateSystem: true,
      },
      model: {},
      images: false,
    })
    expect(report.formats.map(({ apiFormat, outcome }) => [apiFormat, outcome])).toEqual([
      ['claude', 'failed'],
      ['openai-chat', 'passed'],
      ['openai-responses', 'failed'],
    ])
    expect(report.steps.find(({ name }) => name === 'images')).toMatchObject({
      outcome: 'failed',
      status: 400,
      message: 'the upstream answered 400: Unrecognized request argument',
    })
  })

  test.for([
    ['max_tokens', 'max_completion_tokens'],
    ['max_completion_tokens', 'max_tokens'],
  ] as const)('that knows %s not and answers shortly', async ([unknown, known]) => {
    upstream.answer((request) => {
      if (!request.url.endsWith('/chat/completions')) return notFound
      const message = `Unsupported parameter: '${unknown}' is not supported with this model.`
      return refuses(request, new RegExp(`"${unknown}"`))
        ? openAiErrorReply(400, { message })
        : chatAnswer().reply(request)
    })
    expect((await run()).findings.dialect.maxTokensField).toBe(known)
  })

  test('of a Claude server with Chat beside it', async () => {
    upstream.answer(claudeServer)
    const report = await run({ type: 'ccr' })
    expect(report.findings).toEqual({ dialect: {}, model: { midSystem: false }, images: true, countTokens: true })
    expect(report.formats).toMatchObject([
      { apiFormat: 'claude', outcome: 'passed', baseUrl: upstream.url },
      { apiFormat: 'openai-chat', outcome: 'passed', baseUrl: upstream.url },
      { apiFormat: 'openai-responses', outcome: 'failed' },
    ])
  })

  test('of a Responses server', async () => {
    upstream.answer(modernServer)
    const report = await run({ type: 'responses' })
    expect(report.findings).toEqual({
      dialect: { parallelToolCalls: true, lateSystem: true },
      model: {},
      images: true,
      countTokens: true,
    })
    expect(report.steps.find(({ name }) => name === 'parallel-tools')?.message).toContain('2 calls')
    expect(report.steps.find(({ name }) => name === 'stream-usage')?.outcome).toBe('passed')
  })

  test('by the field in which reasoning came', async () => {
    upstream.answer((request) => {
      const text = JSON.stringify(chatAnswer().json).replace('"content":', '"reasoning":"hm","content":')
      return refuses(request, /"stream":true/) ? chatAnswer().reply(request) : jsonReply(JSON.parse(text))
    })
    expect((await run()).findings.dialect.reasoningField).toBe('reasoning')
  })

  test('below another path of the same host, and nowhere else', async () => {
    upstream.answer((request) =>
      request.url.startsWith('/anthropic/') ? claudeAnswer().reply(request) : classicChat(request, 0),
    )
    const report = await run()
    expect(report.formats[0]).toMatchObject({
      apiFormat: 'claude',
      outcome: 'passed',
      baseUrl: `${upstream.url}/anthropic`,
    })
  })
})

describe('a probe stays small and quiet', () => {
  test('it asks nothing more where the credential is refused', async () => {
    upstream.answer(openAiErrorReply(401, { message: 'bad key sk-secret-credential' }))
    const report = await run()
    expect(upstream.requests).toHaveLength(1)
    expect(report.steps).toEqual([])
    expect(JSON.stringify(report)).not.toContain('sk-secret-credential')
  })

  test('no request is large, and answers are shown bounded and redacted', async () => {
    upstream.answer((request) => jsonReply({ echo: request.headers['authorization'], long: 'x'.repeat(5000) }))
    const report = await run()
    expect(Math.max(...upstream.requests.map(({ body }) => body.length))).toBeLessThan(2048)
    expect(upstream.requests.length).toBeLessThan(16)
    const text = JSON.stringify(report)
    expect(text).not.toContain('sk-secret-credential')
    expect(report.test.whole.received?.length).toBeLessThan(410)
  })

  test('a stream that has no end is waited for once', async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n'
    upstream.answer(rawAnswer(`${head}data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n`, { keepOpen: true }))
    const report = await run({ timeouts: { idleMs: 300 } })
    expect(report.test.stream.outcome).toBe('failed')
    expect(upstream.requests.filter(({ body }) => body.includes('"stream":true'))).toHaveLength(1)
    expect(report.steps.map(({ name }) => name)).not.toContain('stream-usage')
  })

  test('an upstream that is busy says nothing about its dialect', async () => {
    let count = 0
    upstream.answer((request) => {
      count += 1
      return count > 3 ? openAiErrorReply(429, { message: 'slow down' }) : chatAnswer().reply(request)
    })
    const report = await run()
    expect(report.findings).toEqual({ dialect: {}, model: {} })
    expect(new Set(report.steps.map(({ outcome }) => outcome))).toEqual(new Set(['skipped']))
  })
})
