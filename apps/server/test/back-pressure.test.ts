import { createServer, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

import { describe, expect, onTestFinished, test } from 'vitest'

import { canned, PATHS, WAYS } from './dialects.ts'
import { ACCOUNT_TYPES, openStage, type Dialect, type TestRelay } from './harness.ts'

const PIECES = 800
const PIECE_BYTES = 64 * 1024

/** An upstream that answers with 50 MB, as fast as it is taken. */
interface Flood {
  readonly url: string
  /** Content written so far. */
  readonly pieces: () => number
  /** Settles when the connection of the answer is closed. */
  readonly closed: Promise<void>
}

async function startFlood(dialect: Dialect, contentType = 'text/event-stream'): Promise<Flood> {
  const { head, piece, tail } = floodParts(dialect)
  let pieces = 0
  const closed = Promise.withResolvers<void>()
  const server = createServer((incoming, response) => {
    incoming.resume()
    response.on('close', () => closed.resolve())
    response.writeHead(200, { 'content-type': contentType })
    response.write(head)
    const writeMore = (): void => {
      while (pieces < PIECES) {
        pieces += 1
        if (!response.write(piece)) return void response.once('drain', writeMore)
      }
      response.end(tail)
    }
    writeMore()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo // a listening TCP server has one
  return { url: `http://127.0.0.1:${port}`, pieces: () => pieces, closed: closed.promise }
}

/** A canned answer, with one of its pieces blown up. */
function floodParts(dialect: Dialect): { readonly head: string; readonly piece: string; readonly tail: string } {
  const { sse } = canned(dialect, { text: 'one piece' })
  const start = sse.lastIndexOf('\n\n', sse.indexOf('one piece')) + 2
  const end = sse.indexOf('\n\n', start) + 2
  const piece = sse.slice(start, end).replace('one piece', 'y'.repeat(PIECE_BYTES))
  return { head: sse.slice(0, start), piece, tail: sse.slice(end) }
}

const MESSAGES = { messages: [{ role: 'user', content: 'Tell me everything.' }] }

/** Opens a stream of which nothing is read until the caller does. */
function openStream(relay: TestRelay, dialect: Dialect, path = PATHS[dialect]): Promise<IncomingMessage> {
  const headers = { 'x-api-key': relay.key, 'content-type': 'application/json' }
  const words = dialect === 'responses' ? { input: 'Tell me everything.' } : { max_tokens: 100_000, ...MESSAGES }
  return new Promise((resolve, reject) => {
    const outgoing = request(`${relay.url}${path}`, { method: 'POST', headers }, resolve)
    outgoing.on('error', reject)
    outgoing.end(JSON.stringify({ model: 'm', stream: true, ...words }))
  })
}

/** Waits until the upstream has not been able to write for a while. */
async function untilStill(flood: Flood): Promise<void> {
  for (let seen = -1; seen !== flood.pieces(); await wait(400)) seen = flood.pieces()
}

/** To a Responses client nothing is converted here: its last event repeats the whole answer. */
const CARRYING_WAYS = WAYS.filter(({ client, upstream }) => client !== 'responses' || upstream === 'responses')

/** What passes as it came: events and bytes. */
const PASSAGES = [
  { path: '/v1/completions', contentType: 'text/event-stream' },
  { path: '/v1/audio/speech', contentType: 'audio/mpeg' },
] as const

describe('a client that stops reading', () => {
  test.for(CARRYING_WAYS)(
    '$client > $upstream: stops the upstream, and has the whole when it reads on',
    async (way, context) => {
      const flood = await startFlood(way.upstream)
      const type = ACCOUNT_TYPES[way.upstream]
      const relay = await openStage(context).relay({ accounts: [{ name: 'flood', type, baseUrl: flood.url }] })

      const stream = await openStream(relay, way.client)
      await untilStill(flood)
      // What was written lies in the sockets' buffers on the way; the rest waits at the upstream.
      expect(flood.pieces()).toBeLessThan(PIECES / 2)

      let bytes = 0
      let end = ''
      for await (const chunk of stream) {
        const piece = chunk as Buffer // no encoding is set
        bytes += piece.length
        end = (end + piece.toString('latin1').slice(-200)).slice(-200)
      }
      expect(bytes).toBeGreaterThan(PIECES * PIECE_BYTES)
      expect(end).toMatch(/message_stop"\}\n\n$|data: \[DONE\]\n\n$|"sequence_number":\d+\}\n\n$/)
      expect(await relay.records(1)).toMatchObject([{ reason: 'completed' }])
      await relay.idle()
    },
  )

  test.for(CARRYING_WAYS)('$client > $upstream: is given up when its place is needed', async (way, context) => {
    const flood = await startFlood(way.upstream)
    const type = ACCOUNT_TYPES[way.upstream]
    const accounts = [{ name: 'flood', type, baseUrl: flood.url }]
    const relay = await openStage(context).relay({ accounts, maxBufferedBytes: 1 })

    const stream = await openStream(relay, way.client)

    await flood.closed
    const [record] = await relay.records(1)
    expect(record).toMatchObject({
      reason: 'internal_error',
      status: 200,
      errorMessage: expect.stringContaining('read'),
    })
    await relay.idle()
    stream.destroy()
  })

  test.for(PASSAGES)(
    '$path: stops the upstream of what passes, and has the whole when it reads on',
    async (way, context) => {
      const flood = await startFlood('chat', way.contentType)
      const account = { name: 'flood', type: 'openai-chat', baseUrl: flood.url } as const
      const relay = await openStage(context).relay({ accounts: [account] })

      const stream = await openStream(relay, 'chat', way.path)
      await untilStill(flood)
      expect(flood.pieces()).toBeLessThan(PIECES / 2)

      let bytes = 0
      for await (const chunk of stream) bytes += (chunk as Buffer).length // no encoding is set
      expect(bytes).toBeGreaterThan(PIECES * PIECE_BYTES)
      expect(await relay.records(1)).toMatchObject([{ reason: 'completed' }])
      await relay.idle()
    },
  )

  test.for(PASSAGES)('$path: what passes is given up when its place is needed', async (way, context) => {
    const flood = await startFlood('chat', way.contentType)
    const account = { name: 'flood', type: 'openai-chat', baseUrl: flood.url } as const
    const relay = await openStage(context).relay({ accounts: [account], maxBufferedBytes: 1 })

    const stream = await openStream(relay, 'chat', way.path)
    stream.on('error', () => undefined) // bytes are cut

    await flood.closed
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ reason: 'internal_error', errorMessage: expect.stringContaining('read') })
    await relay.idle()
    stream.destroy()
  })

  test('that leaves without having read frees the upstream', async (context) => {
    const flood = await startFlood('chat')
    const account = { name: 'flood', type: 'openai-chat', baseUrl: flood.url } as const
    const relay = await openStage(context).relay({ accounts: [account] })

    const stream = await openStream(relay, 'claude')
    await untilStill(flood)
    stream.destroy()

    await flood.closed
    expect(await relay.records(1)).toMatchObject([{ reason: 'client_closed', usageSource: 'estimated' }])
    await relay.idle()
  })
})
