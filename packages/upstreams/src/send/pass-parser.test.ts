import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

import { afterEach, expect, test } from 'vitest'

import { createSender } from './create-sender.ts'
import { createNetworkGuard } from './network-guard.ts'
import type { UpstreamCall, UpstreamRequest } from './upstream-call.ts'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step()
})

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n'
const END = '0\r\n\r\n'

test('chunks that come together are read as one, also behind the head and beside the last one', async () => {
  const url = await serve([`${HEAD}${chunk('one ')}${chunk('two ')}${chunk('three')}${END}`])
  expect(await read(url)).toEqual({ end: 'end', chunks: ['one two three'] })
})

test('a connection goes on to the next answer, chunked or not', async () => {
  const plain = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n'
  const url = await serve(
    [`${HEAD}${chunk('one')}`, END],
    [`${plain}2\r\nab`],
    [HEAD, chunk('three'), `${chunk('!')}${END}`],
  )
  const sender = newSender()
  expect((await read(url, { sender })).chunks.join('')).toBe('one')
  expect((await read(url, { sender })).chunks.join('')).toBe('2\r\nab')
  expect((await read(url, { sender })).chunks.join('')).toBe('three!')
})

test.for([
  { what: 'in the data of a chunk', last: '5\r\nhe' },
  { what: 'between two chunks', last: chunk('hello') },
  { what: 'in a size', last: `${chunk('hello')}1` },
  { what: 'in the last chunk', last: `${chunk('hello')}0\r\n` },
])('a body that ends $what is cut', async ({ last }) => {
  const url = await serve([`${HEAD}${chunk('begin ')}`, last])
  expect((await read(url)).end).toBe('cut')
})

test.for([
  { what: 'a size that is none', bytes: 'x\r\nhello\r\n' },
  { what: 'data that is longer than its size', bytes: '2\r\nhello\r\n' },
])('broken framing is not HTTP: $what', async ({ bytes }) => {
  const url = await serve([HEAD, chunk('begin '), `${bytes}${END}`])
  expect(await read(url)).toMatchObject({ end: 'protocol' })
})

test('extensions and trailers are the parser’s, and nothing of them is data', async () => {
  const url = await serve([HEAD, chunk('one '), `4;a=b\r\ntwo \r\n${chunk('three')}`, '0\r\nx-after: 5\r\n\r\n'])
  expect(await read(url)).toMatchObject({ end: 'end' })
})

test('a body in a coding ends where its coding ends, and its connection is used again', async () => {
  const packed = gzipSync('hello '.repeat(1000)).toString('latin1')
  const head = HEAD.replace('\r\n\r\n', '\r\ncontent-encoding: gzip\r\n\r\n')
  const url = await serve([head, chunk(packed), END], [`${HEAD}${chunk('next')}${END}`])
  const sender = newSender()
  expect((await read(url, { sender })).chunks.join('')).toBe('hello '.repeat(1000))
  expect((await read(url, { sender })).chunks.join('')).toBe('next')
})

test('whatever the packets and the pauses of the reader, the data is the same', async () => {
  const random = randomOf(20_261_129)
  for (let round = 0; round < 60; round += 1) {
    const parts = Array.from({ length: 1 + random(60) }, () => String(random(1e9)).repeat(1 + random(40)))
    const body = `${HEAD}${parts.map(chunk).join('')}${END}`
    const packets: string[] = []
    for (let at = 0; at < body.length;) {
      const end = at + 1 + random(random(3) === 0 ? 9 : 3000)
      packets.push(body.slice(at, end))
      at = end
    }
    const url = await serve(packets)
    const pausesAt = random(4)
    const { end, chunks } = await read(url, { pauses: () => random(4) < pausesAt })
    expect({ end, isSame: chunks.join('') === parts.join('') }).toEqual({ end: 'end', isSame: true })
  }
})

test('what its reader throws ends the answer, and nothing else', async () => {
  const url = await serve([HEAD, chunk('one'), chunk('two')])
  const outcome = Promise.withResolvers<string>()
  newSender().send(request(url), {
    onHeaders: () => undefined,
    onData: () => {
      throw new Error('a mistake')
    },
    onEnd: () => outcome.resolve('end'),
    onFailure: ({ code }) => outcome.resolve(code),
  })
  expect(await outcome.promise).toBe('protocol')
})

function chunk(data: string): string {
  return `${Buffer.byteLength(data, 'latin1').toString(16)}\r\n${data}\r\n`
}

/** Answers each request of a connection with the next list of packets; closes it when there is none. */
async function serve(...answers: (readonly string[])[]): Promise<string> {
  const waiting = [...answers]
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => void send(socket, waiting.shift() ?? [], waiting.length === 0))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function send(socket: Socket, packets: readonly string[], isLast: boolean): Promise<void> {
  for (const packet of packets) {
    socket.write(packet, 'latin1')
    await nextTurn()
  }
  if (isLast) socket.end()
}

function newSender() {
  const sender = createSender({ guard: createNetworkGuard({ allowLoopback: true }) })
  cleanUp.push(() => sender.close())
  return sender
}

function request(url: string): UpstreamRequest {
  const timeouts = { connectMs: 5000, headersMs: 5000, idleMs: 5000, totalMs: 20_000 }
  return { poolKey: 'account-1', method: 'POST', url, headers: [], body: '{}', timeouts }
}

interface Reading {
  readonly sender?: ReturnType<typeof newSender>
  /** Asked at each piece. */
  readonly pauses?: () => boolean
}

async function read(url: string, { sender = newSender(), pauses = () => false }: Reading = {}) {
  const { promise: end, resolve } = Promise.withResolvers<string>()
  const chunks: string[] = []
  const call: UpstreamCall = sender.send(request(url), {
    onHeaders: () => undefined,
    onData: (data) => {
      chunks.push(Buffer.from(data).toString('latin1'))
      if (!pauses()) return true
      setImmediate(() => call.resume())
      return false
    },
    onEnd: () => resolve('end'),
    onFailure: ({ code }) => resolve(code),
  })
  const how = await end
  await nextTurn() // the connection is free then
  return { end: how, chunks }
}

/** Whole numbers below a bound, the same ones in each run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
