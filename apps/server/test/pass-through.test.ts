import { type FakeScript, jsonReply, openAiErrorReply, sseReply } from '@relay/upstreams/testing'
import OpenAI, { toFile } from 'openai'
import { describe, expect, test } from 'vitest'

import { accountFor, attemptsOf, endOf, openStage, type TestRelay } from './harness.ts'
import { openRawClient, requestHead } from './raw-client.ts'

const EMBEDDING = { object: 'list', data: [], model: 'small-up', usage: { prompt_tokens: 9, total_tokens: 9 } }
const NOT_HERE = openAiErrorReply(404, { message: 'no such path' })

/** An event of a completions stream. */
function chunk(more: object): string {
  return `data: ${JSON.stringify({ object: 'text_completion', model: 'm-up', ...more })}\n\n`
}

function modelOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'model' in json ? json.model : undefined
}

/** A field of a form whose boundary is `b`. */
function field(name: string, value: string): string {
  return `--b\r\nContent-Disposition: form-data; ${name}\r\n\r\n${value}\r\n`
}

function client({ url, key }: TestRelay): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
}

describe('endpoints that pass as they are', () => {
  test('reach an account of OpenAI’s API with its own model name and key; reported tokens are recorded', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply(EMBEDDING))
    const claude = await stage.upstream(NOT_HERE)
    const relay = await stage.relay({
      accounts: [
        accountFor(claude, 'claude', { priority: 1 }),
        accountFor(upstream, 'chat', { models: { small: 'small-up' }, priority: 2 }),
      ],
    })
    const answer = await client(relay).embeddings.create({ model: 'small', input: 'x', encoding_format: 'float' })
    expect(answer.usage.prompt_tokens).toBe(9)
    const [request] = upstream.requests
    expect(request).toMatchObject({
      url: '/v1/embeddings',
      json: { model: 'small-up', input: 'x' },
      headers: { authorization: 'Bearer upstream-credential-0001' },
    })
    expect(claude.requests).toHaveLength(0)
    const [record] = await relay.records(1)
    expect(record).toMatchObject({
      endpoint: '/v1/embeddings',
      modelAsked: 'small',
      modelServed: 'small-up',
      usageSource: 'reported',
      tokens: { inputTokens: 9, outputTokens: 0 },
      reason: 'completed',
    })
    await relay.idle()
  })

  test.for([
    ['/v1/embeddings', { input: 'x' }],
    ['/v1/rerank', { query: 'x', documents: [] }],
  ] as const)('%s gives no tokens back: a total that stands alone is its input', async ([path, asked], context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply({ usage: { total_tokens: 41 } }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    expect((await relay.post(path, { model: 'm', ...asked })).status).toBe(200)
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ usageSource: 'reported', tokens: { inputTokens: 41, outputTokens: 0 } })
    await relay.idle()
  })

  test.for(['text/plain; charset=utf-8', undefined])(
    'JSON is JSON whatever it is called: %s',
    async (type, context) => {
      const stage = openStage(context)
      const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
      const upstream = await stage.upstream({ kind: 'reply', headers, body: `\n${JSON.stringify(EMBEDDING)}` })
      const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
      const response = await relay.post('/v1/embeddings', { model: 'm', input: 'x' })
      expect([response.headers.get('content-type'), await response.json()]).toEqual([
        type ?? 'application/json',
        EMBEDDING,
      ])
      const [record] = await relay.records(1)
      expect(record).toMatchObject({ usageSource: 'reported', tokens: { inputTokens: 9 } })
    },
  )

  test('a text that only begins like JSON passes as it came', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream({
      kind: 'reply',
      headers: { 'content-type': 'text/plain' },
      body: '{sighs} Well.',
    })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const response = await relay.post('/v1/audio/transcriptions', { model: 'm' })
    expect([response.status, await response.text()]).toEqual([200, '{sighs} Well.'])
  })

  test('tokens that a rerank tells in the way of Cohere are recorded', async (context) => {
    const stage = openStage(context)
    const meta = { billed_units: { search_units: 1 }, tokens: { input_tokens: 23, output_tokens: 0 } }
    const upstream = await stage.upstream(jsonReply({ results: [], meta }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    expect((await relay.post('/v1/rerank', { model: 'm', query: 'x', documents: [] })).status).toBe(200)
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ usageSource: 'reported', tokens: { inputTokens: 23, outputTokens: 0 } })
    await relay.idle()
  })

  test.for(['/v1/rerank', '/openai/v1/moderations', '/api/v1/completions/', '/images/generations'])(
    '%s is served under its other names, too',
    async (path, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(jsonReply({ results: [] }))
      const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
      const response = await relay.post(path, { model: 'm', query: 'q', documents: [] })
      expect([response.status, await response.json()]).toEqual([200, { results: [] }])
      expect(upstream.requests[0]?.url).toMatch(/^\/v1\/(?:rerank|moderations|completions|images\/generations)$/)
    },
  )

  test('a form passes with its file untouched and the model renamed', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply({ text: 'hello', usage: { input_tokens: 5, output_tokens: 2 } }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { models: { ear: 'whisper-up' } })] })
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 256))
    const file = await toFile(bytes, 'a.wav')
    const { text } = await client(relay).audio.transcriptions.create({ model: 'ear', file })
    expect(text).toBe('hello')
    const [request] = upstream.requests
    const sent = request?.body ?? Buffer.alloc(0)
    expect(sent.includes('name="model"\r\n\r\nwhisper-up\r\n--')).toBe(true)
    expect(sent.includes(Buffer.concat([Buffer.from('\r\n\r\n'), bytes, Buffer.from('\r\n--')]))).toBe(true)
    expect(request?.headers['content-type']).toMatch(/^multipart\/form-data; ?boundary=/)
    const [record] = await relay.records(1)
    expect(record?.tokens).toMatchObject({ inputTokens: 5, outputTokens: 2 })
  })

  test('a binary answer passes byte for byte with its type', async (context) => {
    const stage = openStage(context)
    const audio = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256))
    const upstream = await stage.upstream({ kind: 'reply', headers: { 'content-type': 'audio/mpeg' }, body: audio })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const response = await client(relay).audio.speech.create({ model: 'tts', voice: 'alloy', input: 'x' })
    expect(response.headers.get('content-type')).toBe('audio/mpeg')
    expect(Buffer.from(await response.arrayBuffer()).equals(audio)).toBe(true)
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ usageSource: 'missing', reason: 'completed' })
  })

  test('a stream passes as it comes, and its usage is recorded', async (context) => {
    const stage = openStage(context)
    const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }
    const parts = [
      chunk({ choices: [{ text: 'a', index: 0, finish_reason: null }] }),
      chunk({ choices: [], usage }),
      'data: [DONE]\n\n',
    ]
    const upstream = await stage.upstream(sseReply(parts))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const response = await relay.post('/v1/completions', { model: 'm', prompt: 'x', stream: true })
    expect(await response.text()).toBe(parts.join(''))
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ isStream: true, tokens: { inputTokens: 3, outputTokens: 4 }, modelServed: 'm-up' })
  })
})

describe('trouble of endpoints that pass', () => {
  const failing: readonly (readonly [string, FakeScript])[] = [
    ['a server error', () => openAiErrorReply(503, { message: 'down' })],
    ['a page in place of JSON', () => ({ kind: 'reply', headers: { 'content-type': 'text/html' }, body: '<html>' })],
    ['half a JSON', () => ({ kind: 'reply', headers: { 'content-type': 'application/json' }, body: '{"a":' })],
    ['a cut connection', () => ({ ...jsonReply(EMBEDDING), cutAfterBytes: 10 })],
    ['an error of status 200', () => jsonReply({ error: { message: 'overloaded', code: 'server_is_overloaded' } })],
  ]

  test.for(failing)('%s: another account answers, and both tries are recorded', async ([, script], context) => {
    const stage = openStage(context)
    const bad = await stage.upstream(script)
    const good = await stage.upstream(jsonReply(EMBEDDING))
    const relay = await stage.relay({
      accounts: [
        accountFor(bad, 'chat', { name: 'bad', priority: 1 }),
        accountFor(good, 'chat', { name: 'good', priority: 2 }),
      ],
    })
    const response = await relay.post('/v1/embeddings', { model: 'm', input: 'x' })
    expect([response.status, await response.json()]).toEqual([200, EMBEDDING])
    const [record] = await relay.records(1)
    expect(attemptsOf(record).map(({ account }) => account)).toEqual(['bad', 'good'])
    await relay.idle()
  })

  test('a stream that is cut ends in an error event, bytes that are cut never look finished', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream((request) =>
      request.url.endsWith('/speech')
        ? { kind: 'reply', headers: { 'content-type': 'audio/mpeg' }, body: 'x'.repeat(9000), cutAfterBytes: 5000 }
        : { ...sseReply('data: {"choices":[]}\n\ndata: {"choi'), cutAfterBytes: 30 },
    )
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const stream = await relay.post('/v1/completions', { model: 'm', prompt: 'x', stream: true })
    const text = await stream.text()
    expect(text).toMatch(/data: \{"error":\{"message":.*\}\n\n$/)
    expect(text).not.toContain('[DONE]')
    const speech = await relay.post('/v1/audio/speech', { model: 'm', input: 'x' })
    await expect(speech.arrayBuffer()).rejects.toThrow('terminated')
    const records = await relay.records(2)
    expect(records.map(({ reason }) => reason)).toEqual(['upstream_error', 'upstream_error'])
    // What a part of an answer has cost is known to nobody: it is not nothing.
    expect(records.map(({ usageSource, costSource }) => [usageSource, costSource])).toEqual([
      ['missing', 'unknown'],
      ['missing', 'unknown'],
    ])
    await relay.idle()
  })

  test('bytes that are cut do not look finished to a client of HTTP/1.0 either, as a proxy may be', async (context) => {
    const stage = openStage(context)
    const headers = { 'content-type': 'audio/mpeg' }
    const upstream = await stage.upstream({ kind: 'reply', headers, body: 'x'.repeat(9000), cutAfterBytes: 5000 })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const client = await openRawClient(relay.url)
    const troubles: string[] = []
    client.socket.on('error', ({ message }) => troubles.push(message))
    const body = JSON.stringify({ model: 'm', input: 'x' })
    const fields = { 'x-api-key': relay.key, 'content-type': 'application/json', 'content-length': body.length }
    client.write(requestHead('POST /v1/audio/speech', fields).replace('HTTP/1.1', 'HTTP/1.0') + body)
    await client.closed
    expect(client.received()).toContain('200 OK')
    expect(troubles).toEqual([expect.stringContaining('ECONNRESET')])
    await relay.idle()
  })

  test('the model of a form is found however its name is written, and counts once', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply({ text: 'ok' }))
    const permissions = { models: ['ear'] }
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], key: { permissions } })
    const ask = async (...fields: string[]): Promise<number> => {
      const headers = { 'content-type': 'multipart/form-data; boundary=b' }
      return (await relay.post('/v1/audio/transcriptions', `${fields.join('')}--b--\r\n`, { headers })).status
    }
    expect(await ask(field('name=model', 'ear'))).toBe(200)
    for (const name of ['name=model', String.raw`name="mod\el"`, 'NAME = "model"', "name*=utf-8''model"]) {
      expect(await ask(field('name="model"', 'ear'), field(name, 'another'))).toBe(400)
    }
    expect(await ask(field('name="model"', 'another').replaceAll('\r\n', '\n'), field('name="model"', 'ear'))).toBe(400)
    expect(upstream.requests).toHaveLength(1)
  })

  test.for([
    ['no key', { path: '/v1/embeddings', body: '{}', headers: { 'x-api-key': 'nonsense' } }, 401],
    ['no model', { path: '/v1/embeddings', body: '{"input":"x"}' }, 400],
    ['a form without its boundary', { path: '/v1/audio/transcriptions', body: 'x', type: 'multipart/form-data' }, 400],
    [
      'a form of two boundaries',
      { path: '/v1/images/edits', body: field('name=model', 'm'), type: 'multipart/form-data; boundary=b; boundary=c' },
      400,
    ],
    ['half a form', { path: '/v1/images/edits', body: '--b\r\ncontent', type: 'multipart/form-data; boundary=b' }, 400],
    ['another type', { path: '/v1/embeddings', body: 'x', type: 'text/plain' }, 415],
  ] as const)('%s is refused in OpenAI’s words', async ([, request, status], context) => {
    const relay = await openStage(context).relay({ accounts: [] })
    const { path, body, ...more } = request
    const type = 'type' in more ? more.type : 'application/json'
    const own = 'headers' in more ? more.headers : {}
    const response = await relay.post(path, body, { headers: { 'content-type': type, ...own } })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String), type: expect.any(String) } })
  })

  test('an account of another API is no help, and a client that leaves is no loss', async (context) => {
    const stage = openStage(context)
    const claude = await stage.upstream(NOT_HERE)
    const relay = await stage.relay({ accounts: [accountFor(claude, 'claude')] })
    const response = await relay.post('/v1/embeddings', { model: 'm', input: 'x' })
    expect(response.status).toBe(404)
    expect(claude.requests).toHaveLength(0)

    const slow = await stage.upstream({ kind: 'silence' })
    const other = await stage.relay({ accounts: [accountFor(slow, 'chat')] })
    const leaving = new AbortController()
    const asked = other.post('/v1/embeddings', { model: 'm', input: 'x' }, { signal: leaving.signal })
    const arrived = await slow.waitForRequest(1)
    leaving.abort()
    await expect(asked).rejects.toThrow('abort')
    expect(await arrived.closed).toBe('aborted')
    await other.idle()
  })
})

describe('streams that pass', () => {
  const PART = chunk({ choices: [{ text: 'a', index: 0, finish_reason: null }] })
  const LAST = chunk({ choices: [{ text: '', index: 0, finish_reason: 'stop' }] })
  const ERROR = 'data: {"error":{"message":"upstream-credential-0001 is overloaded","type":"server_error"}}\n\n'
  const ASK = { model: 'm', prompt: 'x', stream: true }

  const broken = [
    ['an end without the last event', [PART], 'upstream_truncated'],
    ['half an event at the end', [PART, 'data: {"cho'], 'upstream_truncated'],
    ['an event that is no JSON', [PART, 'data: {nonsense\n\n', LAST, 'data: [DONE]\n\n'], 'upstream_protocol'],
    ['an error event', [PART, ERROR], null],
  ] as const
  test.for(broken)('%s: the client gets its own error, and no end', async ([, parts, code], context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(sseReply([...parts]))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    const text = await (await relay.post('/v1/completions', ASK)).text()
    expect(text.startsWith(PART)).toBe(true)
    const [, error = ''] = /^data: (\{"error".*\})\n\n$/.exec(text.slice(PART.length)) ?? []
    expect(JSON.parse(error)).toMatchObject({ error: { code } })
    expect(text).not.toContain('upstream-credential-0001')
    expect(await relay.records(1)).toMatchObject([{ reason: 'upstream_error' }])
    await relay.idle()
  })

  test.for([
    ['an error event', [ERROR]],
    ['nothing', ['']],
    ['comments alone', [': ping\n\n']],
    ['no JSON', ['data: <html>\n\n']],
    ['its end', ['data: [DONE]\n\n']],
  ] as const)('%s as its first: another account answers', async ([, parts], context) => {
    const stage = openStage(context)
    const bad = await stage.upstream(sseReply([...parts]))
    const good = await stage.upstream(sseReply([PART, LAST, 'data: [DONE]\n\n']))
    const relay = await stage.relay({
      accounts: [
        accountFor(bad, 'chat', { name: 'bad', priority: 1 }),
        accountFor(good, 'chat', { name: 'good', priority: 2 }),
      ],
    })
    const response = await relay.post('/v1/completions', ASK)
    expect([response.status, await response.text()]).toEqual([200, `${PART}${LAST}data: [DONE]\n\n`])
    const [record] = await relay.records(1)
    expect(attemptsOf(record).map(({ account }) => account)).toEqual(['bad', 'good'])
  })

  test('the answer ends with its last event, whether or not the upstream closes', async (context) => {
    const stage = openStage(context)
    const parts = [PART, LAST, 'data: [DONE]\n\n', chunk({ late: true })]
    const upstream = await stage.upstream(sseReply(parts, { stallAfterBytes: parts.join('').length }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')], rhythm: { lingerMs: 50 } })
    const response = await relay.post('/v1/completions', ASK)
    expect(await response.text()).toBe(parts.slice(0, 3).join(''))
    expect(await endOf(await upstream.waitForRequest(1))).toBe('aborted')
    expect(await relay.records(1)).toMatchObject([{ reason: 'completed' }])
  })

  test('the last event may be a reason to finish, or say that it is done', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(({ url }) =>
      sseReply(url.endsWith('/speech') ? ['data: {"type":"speech.audio.done"}\n\n'] : [PART, LAST]),
    )
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    expect(await (await relay.post('/v1/completions', ASK)).text()).toBe(PART + LAST)
    expect(await (await relay.post('/v1/audio/speech', { ...ASK, input: 'x' })).text()).toContain('.done')
    expect(await relay.records(2)).toMatchObject([{ reason: 'completed' }, { reason: 'completed' }])
  })

  test('an end is asked only of what is known to have one', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(({ json }) => sseReply([`data: {"type":"${String(modelOf(json))}"}\n\n`]))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    for (const [type, isCut] of [
      ['speech.audio.delta', true],
      ['weather', false],
    ] as const) {
      const response = await relay.post('/v1/audio/speech', { model: type, input: 'x' })
      expect((await response.text()).includes('"error"')).toBe(isCut)
    }
  })

  test('what happens behind the reason to finish does it no harm', async (context) => {
    const stage = openStage(context)
    const cutAfterBytes = Buffer.byteLength(PART + LAST)
    const upstream = await stage.upstream(sseReply([PART, LAST, 'data: [DONE]\n\n'], { cutAfterBytes }))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    expect(await (await relay.post('/v1/completions', ASK)).text()).toBe(PART + LAST)
    expect(await relay.records(1)).toMatchObject([{ reason: 'completed' }])
  })

  test.for(['data: {"usa', 'data:', 'data: [DO'])(
    'nor does half an event that the end has cut: %s',
    async (tail, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(sseReply([PART, LAST, tail]))
      const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
      expect(await (await relay.post('/v1/completions', ASK)).text()).toBe(PART + LAST)
      expect(await relay.records(1)).toMatchObject([{ reason: 'completed' }])
    },
  )

  test('events with nothing in them are no answer and no harm', async (context) => {
    const stage = openStage(context)
    const parts = ['data: null\n\n', PART, 'data:\n\n', LAST, 'data: null\n\n', 'data: [DONE]\n\n']
    const upstream = await stage.upstream(sseReply(parts))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    expect(await (await relay.post('/v1/completions', ASK)).text()).toBe(`${PART}${LAST}data: [DONE]\n\n`)
    expect(await relay.records(1)).toMatchObject([{ reason: 'completed' }])
  })

  test('what a cut completion has said is estimated, unless the upstream has counted it', async (context) => {
    const stage = openStage(context)
    const said = chunk({ choices: [{ text: 'It rained all day.', index: 0, finish_reason: null }] })
    const counted = chunk({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } })
    const upstream = await stage.upstream((_request, index) => sseReply(index === 0 ? [said, said] : [said, counted]))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    await (await relay.post('/v1/completions', ASK)).text()
    await (await relay.post('/v1/completions', ASK)).text()
    const inputTokens = Math.ceil(JSON.stringify(ASK).length / 4)
    expect(await relay.records(2)).toMatchObject([
      { reason: 'upstream_error', usageSource: 'estimated', tokens: { inputTokens, outputTokens: 9 } },
      { reason: 'upstream_error', usageSource: 'reported', tokens: { inputTokens: 3, outputTokens: 4 } },
    ])
  })

  test.for(['application/json', 'text/plain', 'text/event-stream', undefined])(
    'a completion that came whole in place of a stream is one event and the end: %s',
    async (type, context) => {
      const stage = openStage(context)
      const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }
      const whole = { object: 'text_completion', model: 'm-up', choices: [{ text: 'a', index: 0 }], usage }
      const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
      const upstream = await stage.upstream({
        kind: 'reply',
        headers,
        body: ` ${JSON.stringify(whole, undefined, 2)}\n`,
      })
      const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
      const client = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0 })
      const events = []
      for await (const event of await client.completions.create({ model: 'm', prompt: 'x', stream: true }))
        events.push(event)
      expect(events).toEqual([whole])
      expect(await relay.records(1)).toMatchObject([
        { isStream: true, reason: 'completed', tokens: { inputTokens: 3, outputTokens: 4 }, modelServed: 'm-up' },
      ])
    },
  )

  test.for(['application/json', 'text/plain', 'text/event-stream'])(
    'an error that came whole in place of a stream: another account answers: %s',
    async (type, context) => {
      const stage = openStage(context)
      const body = JSON.stringify({ error: { message: 'Overloaded', code: 'server_is_overloaded' } })
      const bad = await stage.upstream({ kind: 'reply', headers: { 'content-type': type }, body })
      const good = await stage.upstream(sseReply([PART, LAST, 'data: [DONE]\n\n']))
      const relay = await stage.relay({
        accounts: [
          accountFor(bad, 'chat', { name: 'bad', priority: 1 }),
          accountFor(good, 'chat', { name: 'good', priority: 2 }),
        ],
      })
      expect(await (await relay.post('/v1/completions', ASK)).text()).toBe(`${PART}${LAST}data: [DONE]\n\n`)
      const [record] = await relay.records(1)
      expect(attemptsOf(record)).toMatchObject([{ account: 'bad', reason: 'overloaded' }, { account: 'good' }])
    },
  )

  test('a silent upstream is waited for with signs of life', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(sseReply([PART], { stallAfterBytes: 0 }))
    const relay = await stage.relay({
      accounts: [accountFor(upstream, 'chat')],
      rhythm: { gateMs: 50, keepAliveMs: 50 },
    })
    const leaving = new AbortController()
    const response = await relay.post('/v1/completions', ASK, { signal: leaving.signal })
    const first = await response.body?.getReader().read()
    expect(Buffer.from(first?.value ?? []).toString()).toBe(': keep-alive\n\n')
    leaving.abort()
    expect(await endOf(await upstream.waitForRequest(1))).toBe('aborted')
    await relay.idle()
  })
})
