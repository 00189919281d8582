import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'

import { afterEach, describe, expect, test } from 'vitest'

import { closeBeforeHeaders, jsonReply, rawAnswer, silence, sseReply, startFakeUpstream } from '../testing/index.ts'
import type { FakeUpstream } from '../testing/index.ts'
import { createSender } from './create-sender.ts'
import type { SenderOptions } from './create-sender.ts'
import { createNetworkGuard } from './network-guard.ts'
import type {
  ExchangeTimeouts,
  Sender,
  TransportFailure,
  UpstreamCall,
  UpstreamHeaders,
  UpstreamRequest,
  WholeResult,
} from './upstream-call.ts'

const patient: ExchangeTimeouts = { connectMs: 5000, headersMs: 5000, idleMs: 5000, totalMs: 20_000 }
const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step()
})

async function fake(...script: Parameters<typeof startFakeUpstream>): Promise<FakeUpstream> {
  const upstream = await startFakeUpstream(...script)
  cleanUp.push(() => upstream.close())
  return upstream
}

function sender(options: Partial<SenderOptions> = {}): Sender {
  const made = createSender({ guard: createNetworkGuard({ allowLoopback: true }), ...options })
  cleanUp.push(() => made.close())
  return made
}

function post(url: string, timeouts: Partial<ExchangeTimeouts> = {}): UpstreamRequest {
  return {
    poolKey: 'account-1',
    method: 'POST',
    url: `${url}/v1/messages?beta=true`,
    headers: ['content-type', 'application/json', 'x-api-key', 'secret-key'],
    body: '{"model":"m"}',
    timeouts: { ...patient, ...timeouts },
  }
}

interface Watched {
  readonly call: UpstreamCall
  readonly log: string[]
  readonly chunks: Uint8Array[]
  readonly done: Promise<TransportFailure | 'end'>
  readonly opened: Promise<{ readonly status: number; readonly headers: UpstreamHeaders }>
  readonly text: () => string
}

function watch(sent: Sender, request: UpstreamRequest, onData?: () => boolean | void): Watched {
  const log: string[] = []
  const chunks: Uint8Array[] = []
  const done = Promise.withResolvers<TransportFailure | 'end'>()
  const opened = Promise.withResolvers<{ status: number; headers: UpstreamHeaders }>()
  const call = sent.send(request, {
    onHeaders: (status, headers) => {
      log.push('headers')
      opened.resolve({ status, headers })
    },
    onData: (chunk) => {
      log.push('data')
      chunks.push(chunk)
      return onData?.()
    },
    onEnd: () => {
      log.push('end')
      done.resolve('end')
    },
    onFailure: (failure) => {
      log.push('failure')
      done.resolve(failure)
    },
  })
  const text = (): string => Buffer.concat(chunks).toString()
  return { call, log, chunks, done: done.promise, opened: opened.promise, text }
}

/** A connection is free for the next request one turn of the event loop after its answer ended. */
async function sendAndFree(sent: Sender, request: UpstreamRequest): Promise<WholeResult> {
  const result = await sent.sendWhole(request)
  await new Promise((resolve) => setTimeout(resolve, 20))
  return result
}

async function failureOf(sent: Sender, request: UpstreamRequest): Promise<TransportFailure> {
  const outcome = await watch(sent, request).done
  if (outcome === 'end') throw new Error('the exchange ended well')
  return outcome
}

describe('a sound exchange', () => {
  test('the request arrives as it was given, and the answer in order', async () => {
    const upstream = await fake(sseReply('data: 1\n\ndata: 2\n\n', { pieceBytes: 9, pieceDelayMs: 5 }))
    const watched = watch(sender(), post(upstream.url))
    expect(await watched.done).toBe('end')
    expect(await watched.opened).toMatchObject({ status: 200 })
    expect(watched.log).toEqual(['headers', 'data', 'data', 'end'])
    expect(watched.text()).toBe('data: 1\n\ndata: 2\n\n')
    expect(upstream.requests[0]).toMatchObject({
      method: 'POST',
      url: '/v1/messages?beta=true',
      headers: { 'x-api-key': 'secret-key', 'content-length': '13' },
      json: { model: 'm' },
    })
  })

  test('connections are kept within a pool key and not shared between two', async () => {
    const upstream = await fake(jsonReply({}))
    const sent = sender()
    await sendAndFree(sent, post(upstream.url))
    await sendAndFree(sent, post(upstream.url))
    await sent.sendWhole({ ...post(upstream.url), poolKey: 'account-2' })
    expect(upstream.requests.map((request) => request.connection)).toEqual([1, 1, 2])
  })

  test('repeated response headers are joined and names are lower case', async () => {
    const upstream = await fake(jsonReply({}, { headers: { 'X-Seen': ['a', 'b'] } }))
    const { headers } = await watch(sender(), post(upstream.url)).opened
    expect(headers.get('x-seen')).toBe('a, b')
  })

  test('a redirect is an answer like any other', async () => {
    const upstream = await fake(jsonReply({}, { status: 307, headers: { location: '/other' } }))
    const { status } = await watch(sender(), post(upstream.url)).opened
    expect(status).toBe(307)
    expect(upstream.requests).toHaveLength(1)
  })

  test.for([
    ['100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['100 twice', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\nx: y\r\n\r\n'],
    ['102', 'HTTP/1.1 102 Processing\r\n\r\n'],
    ['103', 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'],
    ['100 after a 103', 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n'],
    ['100 of HTTP/1.0', 'HTTP/1.0 100 Continue\r\n\r\n'],
    ['103 longer than a packet', `HTTP/1.1 103 Early Hints\r\n${'link: </x>; rel=preload\r\n'.repeat(3000)}\r\n`],
  ])('an interim %s response is ignored', async ([, interim]) => {
    const upstream = await fake(rawAnswer(`${interim}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`))
    const watched = watch(sender(), post(upstream.url))
    expect(await watched.done).toBe('end')
    expect(watched.text()).toBe('ok')
    expect((await watched.opened).status).toBe(200)
  })

  test('an interim response in one packet with a long answer is ignored too', async () => {
    const body = 'x'.repeat(30_000)
    const answer = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    const upstream = await fake(rawAnswer(`HTTP/1.1 100 Continue\r\n\r\n${answer}`))
    const watched = watch(sender(), post(upstream.url))
    expect(await watched.done).toBe('end')
    expect(watched.text()).toBe(body)
  })

  test('a change of the protocol is none', async () => {
    const upstream = await fake(
      rawAnswer('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'),
    )
    expect((await failureOf(sender(), post(upstream.url))).code).toBe('protocol')
  })

  test('an interim response that comes byte by byte is ignored too', async () => {
    const bytes = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
    const { url } = await tcpServer((socket) => {
      void (async () => {
        for (const byte of bytes) {
          socket.write(byte)
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
      })()
    })
    const watched = watch(sender(), post(url))
    expect(await watched.done).toBe('end')
    expect(watched.text()).toBe('ok')
  })

  test('a body without a length ends with the connection', async () => {
    const upstream = await fake(sseReply('data: x\n\n', { framing: 'close' }))
    const watched = watch(sender(), post(upstream.url))
    expect(await watched.done).toBe('end')
    expect(watched.text()).toBe('data: x\n\n')
  })
})

async function tcpServer(
  onConnection: (socket: Socket) => void,
): Promise<{ readonly url: string; readonly port: number; readonly server: Server }> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo // a TCP server's address is one
  return { url: `http://127.0.0.1:${port}`, port, server }
}

describe('failures before the headers', () => {
  test('a refused connection is connect-failed', async () => {
    const upstream = await fake()
    await upstream.close()
    expect(await failureOf(sender(), post(upstream.url))).toMatchObject({
      code: 'connect-failed',
      hasHeaders: false,
    })
  })

  test('a host without an address is dns-failed', async () => {
    const sent = sender({
      resolveHost: (_host, callback) => callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), []),
    })
    const failure = await failureOf(sent, post('http://nowhere.example'))
    expect(failure).toMatchObject({ code: 'dns-failed' })
    expect(failure.message).toContain('nowhere.example')
  })

  test('a resolver that never answers is connect-timeout', async () => {
    const sent = sender({ resolveHost: () => undefined })
    const failure = await failureOf(sent, post('http://slow.example', { connectMs: 50 }))
    expect(failure.code).toBe('connect-timeout')
  })

  test('a server that does not speak TLS is tls-failed', async () => {
    const { port } = await tcpServer((socket) => socket.end('not tls at all\n'))
    expect((await failureOf(sender(), post(`https://127.0.0.1:${port}`))).code).toBe('tls-failed')
  })

  test('a TLS handshake that never ends is connect-timeout', async () => {
    const { port } = await tcpServer(() => undefined)
    const failure = await failureOf(sender(), post(`https://127.0.0.1:${port}`, { connectMs: 50 }))
    expect(failure.code).toBe('connect-timeout')
  })

  test('an address that the guard refuses is blocked-address, and no connection is made', async () => {
    const upstream = await fake(jsonReply({}))
    const sent = sender({ guard: createNetworkGuard() })
    const failure = await failureOf(sent, post(upstream.url))
    expect(failure.code).toBe('blocked-address')
    expect(failure.message).toContain('RELAY_ALLOW_PRIVATE')
    expect(upstream.connectionCount).toBe(0)
  })

  test('a public name that resolves to a private address is blocked-address', async () => {
    const upstream = await fake(jsonReply({}))
    const sent = sender({
      guard: createNetworkGuard(),
      resolveHost: (_host, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    })
    const failure = await failureOf(sent, post(`http://rebound.example:${upstream.port}`))
    expect(failure.code).toBe('blocked-address')
    expect(upstream.connectionCount).toBe(0)
  })

  test('a name is resolved once, and the address that was checked is the one connected to', async () => {
    const upstream = await fake(jsonReply({ ok: true }))
    let lookups = 0
    const sent = sender({
      resolveHost: (_host, callback) => {
        lookups += 1
        callback(null, [
          { address: '10.0.0.1', family: 4 },
          { address: '127.0.0.1', family: 4 },
        ])
      },
    })
    const result = await sent.sendWhole(post(`http://two.example:${upstream.port}`))
    expect(result).toMatchObject({ ok: true })
    expect(lookups).toBe(1)
  })

  test('silence after the request is headers-timeout, and the upstream sees the connection close', async () => {
    const upstream = await fake(silence())
    const failure = await failureOf(sender(), post(upstream.url, { headersMs: 50 }))
    expect(failure).toMatchObject({ code: 'headers-timeout', hasHeaders: false })
    await expect(upstream.requests[0]?.closed).resolves.toBe('aborted')
  })

  test.for([false, true])('a fresh connection closed before the headers is reset (RST: %s)', async (isReset) => {
    const upstream = await fake(closeBeforeHeaders({ isReset }))
    expect(await failureOf(sender(), post(upstream.url))).toMatchObject({
      code: 'reset',
      hasHeaders: false,
    })
    expect(upstream.requests).toHaveLength(1)
  })

  test('bytes that are not HTTP are protocol', async () => {
    const upstream = await fake(rawAnswer('220 smtp.example ready\r\n'))
    expect((await failureOf(sender(), post(upstream.url))).code).toBe('protocol')
  })

  test.for(['2', '3'])('a second length in a head, 2 and %s, is protocol', async (second) => {
    const bytes = `HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: ${second}\r\n\r\nok`
    const failure = await failureOf(sender(), post((await fake(rawAnswer(bytes, { keepOpen: true }))).url))
    expect(failure).toMatchObject({ code: 'protocol', message: expect.stringContaining('CONTENT_LENGTH') })
  })

  test('a response head over 64 KB is protocol', async () => {
    const upstream = await fake(rawAnswer(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(70_000)}\r\n\r\n`))
    expect((await failureOf(sender(), post(upstream.url))).code).toBe('protocol')
  })

  test('a failure never shows the path, the query or a header', async () => {
    const upstream = await fake(closeBeforeHeaders())
    const { message } = await failureOf(sender(), post(upstream.url))
    expect(message).toContain(`127.0.0.1:${upstream.port}`)
    expect(message).not.toMatch(/messages|beta|secret/)
  })
})

describe('failures after the headers', () => {
  test.for([
    ['a chunked body', {}],
    ['a body with a length', { framing: 'content-length' }],
    ['a body shorter than its length', { claimedBytes: 100, framing: 'close', cutAfterBytes: undefined }],
  ] as const)('%s that ends early is cut', async ([, faults]) => {
    const upstream = await fake(sseReply('data: 123456\n\n', { cutAfterBytes: 6, ...faults }))
    const watched = watch(sender(), post(upstream.url))
    expect(await watched.done).toMatchObject({ code: 'cut', hasHeaders: true })
    expect(watched.log.at(-1)).toBe('failure')
    expect(watched.log).not.toContain('end')
  })

  test('a body without a length that is reset is cut, not ended', async () => {
    const { url } = await tcpServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\ndata: 1\n\n')
        setTimeout(() => socket.resetAndDestroy(), 50)
      })
    })
    const watched = watch(sender(), post(url))
    expect(await watched.done).toMatchObject({ code: 'cut', hasHeaders: true })
  })

  test('silence in the middle of a body is idle-timeout, and the connection is closed', async () => {
    const upstream = await fake(sseReply('data: 123456\n\n', { stallAfterBytes: 6 }))
    const watched = watch(sender(), post(upstream.url, { idleMs: 80 }))
    expect(await watched.done).toMatchObject({ code: 'idle-timeout', hasHeaders: true })
    expect(watched.text()).toBe('data: ')
    await expect(upstream.requests[0]?.closed).resolves.toBe('aborted')
  })

  test('bytes that keep coming hold the idle limit off, not the total limit', async () => {
    const upstream = await fake(sseReply('x'.repeat(400), { pieceBytes: 1, pieceDelayMs: 20 }))
    const failure = await failureOf(sender(), post(upstream.url, { idleMs: 200, totalMs: 500 }))
    expect(failure.code).toBe('total-timeout')
  })

  test('the silence of a paused answer does not count', async () => {
    const upstream = await fake(sseReply(['a', 'b'], { pieceDelayMs: 20 }))
    const watched = watch(sender(), post(upstream.url, { idleMs: 60 }), () => false)
    await watched.opened
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(watched.log).not.toContain('failure')
    const timer = setInterval(() => watched.call.resume(), 5)
    expect(await watched.done).toBe('end')
    clearInterval(timer)
    expect(watched.text()).toBe('ab')
  })
})

describe('abort', () => {
  test('while the upstream is silent it closes the connection at once', async () => {
    const upstream = await fake(silence())
    const watched = watch(sender(), post(upstream.url))
    const request = await upstream.waitForRequest(1)
    watched.call.abort()
    expect(watched.log).toEqual(['failure'])
    expect(await watched.done).toMatchObject({ code: 'aborted', hasHeaders: false })
    await expect(request.closed).resolves.toBe('aborted')
  })

  test('in the middle of a stream it closes the connection, which is not used again', async () => {
    const upstream = await fake(sseReply('data: 123456\n\n', { stallAfterBytes: 6 }))
    const sent = sender()
    const watched = watch(sent, post(upstream.url))
    await watched.opened
    watched.call.abort()
    await expect(upstream.requests[0]?.closed).resolves.toBe('aborted')
    upstream.answer(jsonReply({}))
    await sendAndFree(sent, post(upstream.url))
    expect(upstream.requests[1]?.connection).toBe(2)
  })

  test('while connecting it ends the call, and the request is never sent', async () => {
    const upstream = await fake(jsonReply({}))
    let answer: (() => void) | undefined
    const sent = sender({
      resolveHost: (_host, callback) => {
        answer = () => callback(null, [{ address: '127.0.0.1', family: 4 }])
      },
    })
    const watched = watch(sent, post(`http://late.example:${upstream.port}`))
    watched.call.abort()
    expect(await watched.done).toMatchObject({ code: 'aborted' })
    answer?.()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(upstream.requests).toHaveLength(0)
  })

  test('after the end it does nothing', async () => {
    const upstream = await fake(jsonReply({}))
    const watched = watch(sender(), post(upstream.url))
    await watched.done
    watched.call.abort()
    expect(watched.log.at(-1)).toBe('end')
  })

  test('from inside onData it is the last thing the handler hears', async () => {
    const upstream = await fake(sseReply('x'.repeat(1000), { pieceBytes: 100 }))
    const sent = sender()
    const watched: Watched = watch(sent, post(upstream.url), () => watched.call.abort())
    expect(await watched.done).toMatchObject({ code: 'aborted' })
    expect(watched.log).toEqual(['headers', 'data', 'failure'])
  })

  test('closing the sender fails what is running', async () => {
    const upstream = await fake(silence())
    const sent = sender()
    const watched = watch(sent, post(upstream.url))
    await upstream.waitForRequest(1)
    await sent.close()
    expect(await watched.done).toMatchObject({ code: 'aborted' })
  })

  test('forgetting a pool lets what is running finish', async () => {
    const upstream = await fake(sseReply(['a', 'b'], { pieceDelayMs: 50 }))
    const sent = sender()
    const watched = watch(sent, post(upstream.url))
    await watched.opened
    sent.forget('account-1')
    expect(await watched.done).toBe('end')
    expect(watched.text()).toBe('ab')
  })
})

/** Answers the first request of a connection and, at the next one, closes without a byte. */
async function closesAtSecond(isReset: boolean): Promise<FakeUpstream> {
  const seen = new Set<number>()
  return fake((request) => {
    if (seen.has(request.connection)) return closeBeforeHeaders({ isReset })
    seen.add(request.connection)
    return jsonReply({ connection: request.connection })
  })
}

describe('a kept connection that turns out to be closed', () => {
  test.for([false, true])('is replaced once, silently (RST: %s)', async (isReset) => {
    const upstream = await closesAtSecond(isReset)
    const sent = sender()
    await sendAndFree(sent, post(upstream.url))
    const watched = watch(sent, post(upstream.url))
    expect(await watched.done).toBe('end')
    expect(watched.text()).toBe('{"connection":2}')
    expect(upstream.requests.map((request) => request.connection)).toEqual([1, 1, 2])
  })

  test('is not replaced when the fresh connection is closed as well', async () => {
    const upstream = await fake(jsonReply({}))
    const sent = sender()
    await sendAndFree(sent, post(upstream.url))
    upstream.answer(closeBeforeHeaders())
    expect((await failureOf(sent, post(upstream.url))).code).toBe('reset')
    expect(upstream.requests).toHaveLength(3)
  })

  test.for([
    ['a response byte', 'HTTP/1.1 200 OK\r\n'],
    ['an interim response', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ] as const)('is not replaced once %s has come', async ([, bytes]) => {
    const upstream = await fake(jsonReply({}))
    const sent = sender()
    await sendAndFree(sent, post(upstream.url))
    upstream.answer(rawAnswer(bytes))
    expect((await failureOf(sent, post(upstream.url))).code).toBe('reset')
    expect(upstream.requests).toHaveLength(2)
  })

  test('is not used again when its answer came before the request was sent whole', async () => {
    const ok = 'HTTP/1.1 413 Payload Too Large\r\ncontent-length: 2\r\n\r\nno'
    const upstream = await tcpServer((socket) => {
      socket.once('data', () => socket.pause().write(ok)) // and reads no more of it
    })
    const sent = sender()
    const long = { ...post(upstream.url), body: Buffer.alloc(24 * 1024 * 1024) }
    for (const request of [long, post(upstream.url)]) {
      const result = await sendAndFree(sent, request)
      expect(result).toMatchObject({ ok: true, answer: { status: 413 } })
    }
  })

  test('bytes after the end of an answer never become the next one', async () => {
    const upstream = await fake()
    upstream.answerNext(
      rawAnswer('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil', {
        keepOpen: true,
      }),
      jsonReply({ good: true }),
    )
    const sent = sender()
    await sendAndFree(sent, post(upstream.url))
    const result = await sent.sendWhole(post(upstream.url))
    expect(result.ok && Buffer.from(result.answer.body).toString()).toBe('{"good":true}')
  })
})

describe('back-pressure', () => {
  test('a paused answer stops the upstream', async () => {
    const big = 8 * 1024 * 1024
    const upstream = await fake(sseReply(Buffer.alloc(big, 'x'), { pieceBytes: 65_536 }))
    const watched = watch(sender(), post(upstream.url), () => false)
    await watched.opened
    await new Promise((resolve) => setTimeout(resolve, 200))
    const heldBack = Buffer.concat(watched.chunks).length
    expect(heldBack).toBeLessThan(1024 * 1024)
    const timer = setInterval(() => watched.call.resume(), 0)
    expect(await watched.done).toBe('end')
    clearInterval(timer)
    expect(Buffer.concat(watched.chunks).length).toBe(big)
  })

  test('a decoded answer can be paused as well', async () => {
    const plain = Buffer.alloc(4 * 1024 * 1024, 'abcdefgh')
    const upstream = await fake(sseReply(gzipSync(plain), { headers: { 'content-encoding': 'gzip' } }))
    const watched = watch(sender(), post(upstream.url), () => false)
    await watched.opened
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(Buffer.concat(watched.chunks).length).toBeLessThan(1024 * 1024)
    const timer = setInterval(() => watched.call.resume(), 0)
    expect(await watched.done).toBe('end')
    clearInterval(timer)
    expect(Buffer.concat(watched.chunks).equals(plain)).toBe(true)
  })
})

describe('compressed answers', () => {
  const plain = 'data: {"n":1}\n\n'.repeat(50)

  test.for([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const)('while much is made of few bytes of %s, the upstream is not silent', async ([coding, compress]) => {
    const body = compress(Buffer.alloc(4 * 1024 * 1024))
    const upstream = await fake(sseReply(body, { headers: { 'content-encoding': coding } }))
    const watched = watch(sender(), post(upstream.url, { idleMs: 300 }), () => {
      const until = performance.now() + 4 // what a chunk of 16 KB costs who reads it
      while (performance.now() < until);
      return true
    })
    expect(await watched.done).toBe('end')
  })

  test.for([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('%s is taken off', async ([coding, compress]) => {
    const upstream = await fake(sseReply(compress(plain), { headers: { 'content-encoding': coding }, pieceBytes: 7 }))
    const watched = watch(sender(), post(upstream.url))
    expect(await watched.done).toBe('end')
    expect(watched.text()).toBe(plain)
  })

  test.for([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('%s that stops early is a failure', async ([coding, compress]) => {
    const bytes = compress(plain)
    const upstream = await fake(
      sseReply(bytes.subarray(0, bytes.length - 6), { headers: { 'content-encoding': coding } }),
    )
    expect((await failureOf(sender(), post(upstream.url))).code).toBe('cut')
  })

  test('bytes that are not what the coding says are protocol', async () => {
    const upstream = await fake(sseReply('plain', { headers: { 'content-encoding': 'gzip' } }))
    expect((await failureOf(sender(), post(upstream.url))).code).toBe('protocol')
  })

  test('an unknown coding is protocol', async () => {
    const upstream = await fake(sseReply('x', { headers: { 'content-encoding': 'lzw' } }))
    const failure = await failureOf(sender(), post(upstream.url))
    expect(failure.code).toBe('protocol')
    expect(failure.message).toContain('lzw')
  })
})

describe('sendWhole', () => {
  test('an answer beyond the limit is too-large, and its connection is closed', async () => {
    const upstream = await fake(jsonReply('x'.repeat(5000)))
    const result = await sender().sendWhole(post(upstream.url), { maxBytes: 1000 })
    expect(result).toMatchObject({ ok: false, failure: { code: 'too-large' } })
  })

  test('the limit counts decoded bytes', async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024))
    const upstream = await fake(sseReply(bomb, { headers: { 'content-encoding': 'gzip' } }))
    const result = await sender().sendWhole(post(upstream.url), { maxBytes: 1_000_000 })
    expect(result).toMatchObject({ ok: false, failure: { code: 'too-large' } })
  })

  test('the body of an error is cut to its limit', async () => {
    const upstream = await fake(jsonReply('x'.repeat(5000), { status: 500 }))
    const result = await sender().sendWhole(post(upstream.url), { maxErrorBytes: 100 })
    expect(result.ok && result.answer.status).toBe(500)
    expect(result.ok && result.answer.body.length).toBe(100)
  })

  test.for([
    ['does not end', { stallAfterBytes: 50 }],
    ['is cut', { cutAfterBytes: 50 }],
  ] as const)('of the body of an error that %s the beginning is enough', async ([, fault]) => {
    const upstream = await fake(jsonReply('x'.repeat(5000), { status: 400, ...fault }))
    const result = await sender().sendWhole(post(upstream.url), { maxErrorMs: 100 })
    expect(result.ok && result.answer.status).toBe(400)
    expect(result.ok && result.answer.body.length).toBe(50)
    expect(await upstream.requests[0]?.closed).toBe('aborted')
  })

  test('a signal ends it', async () => {
    const upstream = await fake(silence())
    const stop = new AbortController()
    const running = sender().sendWhole(post(upstream.url), { signal: stop.signal })
    await upstream.waitForRequest(1)
    stop.abort()
    expect(await running).toMatchObject({ ok: false, failure: { code: 'aborted' } })
  })
})
