import { Agent, createServer, get, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { AnswerWriter } from './answer-writer.ts'

const PIECES = ['data: ä\n\n', Buffer.from('data: bytes\n\n'), Buffer.alloc(20_000, 'x'), 'data: end\n\n'] as const
const WHOLE = Buffer.concat(PIECES.map((piece) => Buffer.from(piece)))

let server: Server
let port = 0

/** Answers with all pieces, one a turn of the event loop; says at `/marked` which one is the last. */
beforeEach(async () => {
  server = createServer((request, response) => {
    const writer = new AnswerWriter(response)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let next = 0
    const step = (): void => {
      const piece = PIECES[next]
      next += 1
      if (piece === undefined) return writer.end()
      const isLast = request.url === '/marked' && next === PIECES.length
      if (writer.write(piece, isLast)) setImmediate(step)
      else writer.onDrain(step)
    }
    step()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port // a listening TCP server has one
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

/** One answer, over the agent's connection. */
function read(agent: Agent, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent, path }, (response) => {
      buffer(response).then(resolve, reject)
    }).on('error', reject)
  })
}

/** Everything that comes until the server closes the connection. */
async function talk(request: string): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1')
  socket.write(request)
  const chunks: Buffer[] = []
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe.for(['/', '/marked'])('a streamed answer at %s', (path) => {
  test('arrives whole, and the connection serves the next one', async () => {
    let connections = 0
    server.on('connection', () => (connections += 1))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let count = 0; count < 3; count += 1) expect((await read(agent, path)).equals(WHOLE)).toBe(true)
    agent.destroy()
    expect(connections).toBe(1)
  })

  test('has one frame for each piece, and the last frame once', async () => {
    const answer = (await talk(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)).toString('latin1')
    const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
    const sizes = PIECES.map((piece) => Buffer.from(piece).length.toString(16))
    let rest = body
    for (const size of sizes) {
      expect(rest.slice(0, size.length + 2)).toBe(`${size}\r\n`)
      rest = rest.slice(size.length + 2 + Number.parseInt(size, 16) + 2)
    }
    expect(rest).toBe('0\r\n\r\n')
  })

  test('has its head and its first piece in one packet, and its end in the last one where that is known', async () => {
    const writes: string[] = []
    server.once('connection', (socket: Socket) => {
      const write = socket.write.bind(socket)
      socket.write = (bytes: string | Uint8Array, ...rest: never[]) => {
        writes.push(Buffer.from(bytes as string).toString())
        return write(bytes, ...rest)
      }
    })
    await talk(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    expect(writes[0]).toMatch(/^HTTP\/1\.1 200 OK\r\n.*data: ä\n\n\r\n$/s)
    expect(writes.at(-1)).toBe(path === '/marked' ? 'b\r\ndata: end\n\n\r\n0\r\n\r\n' : '0\r\n\r\n')
  })

  test('waits for an earlier one of its connection', async () => {
    const ask = `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`
    const last = `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`
    const text = (await talk(`${ask}${ask}${last}`)).toString('latin1')
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3)
    expect(text.split('\r\n0\r\n\r\n')).toHaveLength(4)
    expect(text.match(/data: end/g)).toHaveLength(3)
  })

  test('has no frames for a client of HTTP/1.0', async () => {
    const answer = await talk(`GET ${path} HTTP/1.0\r\n\r\n`)
    expect(answer.subarray(answer.indexOf('\r\n\r\n') + 4).equals(WHOLE)).toBe(true)
  })
})
