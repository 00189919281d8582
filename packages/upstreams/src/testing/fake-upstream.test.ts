import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

import { afterEach, describe, expect, test } from 'vitest'

import {
  chatAnswer,
  claudeAnswer,
  closeBeforeHeaders,
  rawAnswer,
  silence,
  sseReply,
  startFakeUpstream,
  withCrlf,
} from './index.ts'
import type { FakeUpstream } from './index.ts'

const open: FakeUpstream[] = []

async function start(...script: Parameters<typeof startFakeUpstream>): Promise<FakeUpstream> {
  const upstream = await startFakeUpstream(...script)
  open.push(upstream)
  return upstream
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((upstream) => upstream.close()))
})

/** Sends one request over a raw socket and returns every byte that comes back. */
async function exchange(port: number, body: unknown): Promise<string> {
  const payload = JSON.stringify(body)
  const socket = connect(port, '127.0.0.1')
  socket.write(
    `POST /v1/x?y=1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(payload)}\r\n\r\n${payload}`,
  )
  return text(socket)
}

describe('recording', () => {
  test('a request is kept with its path, headers and body', async () => {
    const upstream = await start(chatAnswer().script)
    await exchange(upstream.port, { model: 'm' })
    const [request] = upstream.requests
    expect(request).toMatchObject({
      method: 'POST',
      url: '/v1/x?y=1',
      json: { model: 'm' },
      connection: 1,
    })
    await expect(request?.closed).resolves.toBe('answered')
  })

  test('a client that leaves before the answer is complete is recorded as aborted', async () => {
    const upstream = await start(silence())
    const socket = connect(upstream.port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n')
    const request = await upstream.waitForRequest(1)
    socket.destroy()
    await expect(request.closed).resolves.toBe('aborted')
    expect(request.isAborted).toBe(true)
  })

  test('a request that nobody scripted gets a 500 that says so', async () => {
    const upstream = await start()
    expect(await exchange(upstream.port, {})).toMatch(/^HTTP\/1.1 500 .*no answer/s)
  })
})

describe('faults', () => {
  test('a cut body ends without its last chunk', async () => {
    const upstream = await start(sseReply('data: 12345\n\n', { cutAfterBytes: 8 }))
    const bytes = await exchange(upstream.port, {})
    expect(bytes).toContain('8\r\ndata: 12\r\n')
    expect(bytes).not.toContain('\r\n0\r\n')
  })

  test('a body can come one byte a chunk and with CRLF', async () => {
    const upstream = await start(sseReply(withCrlf('data: 1\n\n'), { pieceBytes: 1 }))
    const bytes = await exchange(upstream.port, {})
    expect(bytes.match(/\r\n1\r\n/g)).toHaveLength(11)
  })

  test('a connection can close before any response byte', async () => {
    const upstream = await start(closeBeforeHeaders())
    expect(await exchange(upstream.port, {})).toBe('')
  })

  test('raw bytes go out as they are', async () => {
    const upstream = await start(rawAnswer('HTTP/9 what\r\n'))
    expect(await exchange(upstream.port, {})).toBe('HTTP/9 what\r\n')
  })

  test('queued answers come before the standing one', async () => {
    const upstream = await start(sseReply('standing'))
    upstream.answerNext(sseReply('first'))
    expect(await exchange(upstream.port, {})).toContain('first')
    expect(await exchange(upstream.port, {})).toContain('standing')
  })
})

describe('canned answers', () => {
  const content = { text: '你好 there', toolCalls: [{ id: 'c1', name: 'look', arguments: { q: 1 } }] }

  test('a chat answer says the same whole and streamed', () => {
    const { json, sse } = chatAnswer(content)
    const chunks = sse.match(/(?<=data: )\{.*\}/g)?.map((line) => JSON.parse(line)) ?? []
    const said = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
    expect(said).toBe('你好 there')
    expect(json).toMatchObject({
      choices: [{ message: { content: '你好 there', tool_calls: [{ id: 'c1' }] } }],
    })
    expect(sse.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  test('a claude answer says the same whole and streamed', () => {
    const { json, sse } = claudeAnswer({ ...content, cachedTokens: 4 })
    const events = sse.match(/(?<=data: )\{.*\}/g)?.map((line) => JSON.parse(line)) ?? []
    const said = events.map((event) => event.delta?.text ?? '').join('')
    expect(said).toBe('你好 there')
    expect(json).toMatchObject({
      stop_reason: 'tool_use',
      usage: { input_tokens: 7, cache_read_input_tokens: 4 },
    })
    expect(sse.endsWith('data: {"type":"message_stop"}\n\n')).toBe(true)
  })

  test('the script follows the stream flag of the request', async () => {
    const upstream = await start(chatAnswer().script)
    expect(await exchange(upstream.port, { stream: true })).toContain('text/event-stream')
    expect(await exchange(upstream.port, { stream: false })).toContain('application/json')
  })
})
