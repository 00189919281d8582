import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

import { expect, onTestFinished, test, vi } from 'vitest'

import { ServerError } from '../server-error.ts'
import { type BodyLimits, readBody } from './read-body.ts'

/** Sends these bytes as a request and tells what reading its body came to. */
async function readFrom(
  send: (socket: Socket) => void,
  limits: BodyLimits,
  watch?: (incoming: IncomingMessage) => void,
): Promise<{ readonly body: string } | { readonly error: ServerError }> {
  const outcome = Promise.withResolvers<{ readonly body: string } | { readonly error: ServerError }>()
  const server = createServer((incoming, response) => {
    watch?.(incoming)
    readBody(incoming, limits)
      .then((bytes) => outcome.resolve({ body: Buffer.from(bytes).toString() }))
      .catch((error: unknown) => (ServerError.is(error) ? outcome.resolve({ error }) : outcome.reject(error)))
      .finally(() => response.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo // a listening TCP server has one
  const socket = connect(port, '127.0.0.1', () => send(socket))
  socket.on('error', () => socket.destroy()) // the server may close first
  return outcome.promise
}

const head = (fields: string): string => `POST / HTTP/1.1\r\nhost: relay.test\r\n${fields}\r\n\r\n`
const LIMITS = { maxBytes: 1000, timeoutMs: 5_000 }

test('a body in pieces is put together', async () => {
  const outcome = await readFrom((socket) => {
    socket.write(`${head('transfer-encoding: chunked')}3\r\n{"a\r\n`)
    setTimeout(() => socket.write('4\r\n":1}\r\n0\r\n\r\n'), 20)
  }, LIMITS)
  expect(outcome).toEqual({ body: '{"a":1}' })
})

test('a body that comes with its head is taken as it is: nobody listens for more', async () => {
  const events: string[] = []
  const watch = (incoming: IncomingMessage): void => {
    incoming.on('newListener', (event: string) => events.push(event))
  }
  const outcome = await readFrom((socket) => socket.write(`${head('content-length: 7')}{"a":1}`), LIMITS, watch)
  expect(outcome).toEqual({ body: '{"a":1}' })
  expect(events).toEqual([])
})

test('a body that does not come in time is refused', async () => {
  const limits = { ...LIMITS, timeoutMs: 200 }
  const outcome = await readFrom((socket) => socket.write(`${head('content-length: 500')}{`), limits)
  expect(outcome).toMatchObject({ error: { failure: { kind: 'timeout' }, status: 408 } })
})

test('a body that trickles is refused long before its time is over', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const begun = `${head('content-length: 50000')}${'x'.repeat(5000)}`
  const reading = readFrom((socket) => socket.write(begun), { maxBytes: 50_000, timeoutMs: 120_000 })
  let seconds = 0
  for (; seconds < 119; seconds += 1) {
    vi.advanceTimersByTime(1000)
    if (await Promise.race([reading.then(() => true), wait(5, false)])) break
  }
  expect(await reading).toMatchObject({ error: { failure: { kind: 'timeout' }, status: 408 } })
  expect(seconds).toBeGreaterThanOrEqual(10) // a slow start is forgiven
})

test('a client that leaves is told apart from one that sends nonsense', async () => {
  const outcome = await readFrom((socket) => {
    socket.write(`${head('content-length: 500')}{`)
    setTimeout(() => socket.destroy(), 50)
  }, LIMITS)
  expect(outcome).toMatchObject({ error: { failure: { kind: 'client_abort' } } })
})

test('a compressed body that is cut is refused', async () => {
  const bytes = gzipSync('{"model":"m"}').subarray(0, -10)
  const outcome = await readFrom((socket) => {
    socket.write(head(`content-encoding: gzip\r\ncontent-length: ${bytes.length}`))
    socket.write(bytes)
  }, LIMITS)
  expect(outcome).toMatchObject({ error: { failure: { kind: 'invalid_request' } } })
})

test.for([
  { body: 'x'.repeat(1000), fits: true },
  { body: 'x'.repeat(1001), fits: false },
])('the limit is what it says (fits: $fits)', async ({ body, fits }) => {
  const send = (socket: Socket): unknown =>
    socket.write(`${head('transfer-encoding: chunked')}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`)
  const outcome = await readFrom(send, LIMITS)
  expect(outcome).toMatchObject(fits ? { body } : { error: { failure: { kind: 'too_large' } } })
})
