import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'

import { expect, test } from 'vitest'

import { drain } from './drain.ts'
import type { LiveRequest } from './relay/live-request.ts'
import { Roster } from './relay/roster.ts'

/** Sends a request while the thread of the server has no time to take its connection. */
const CLIENT = `
  const { connect } = require('node:net')
  const { parentPort, workerData: { port, isSent } } = require('node:worker_threads')
  const socket = connect(port, '127.0.0.1')
  socket.on('data', (bytes) => parentPort.postMessage(String(bytes)))
  socket.on('error', ({ code }) => parentPort.postMessage(code))
  socket.write('GET / HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n', () => {
    Atomics.store(isSent, 0, 1)
    Atomics.notify(isSent, 0)
  })
`

test('a connection that has not been taken yet when the server stops is served', async () => {
  const server = createServer((_, outgoing) => outgoing.end('served'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a listening TCP server has one
  const isSent = new Int32Array(new SharedArrayBuffer(4))
  const client = new Worker(CLIENT, { eval: true, workerData: { port, isSent } })
  expect(Atomics.wait(isSent, 0, 0, 20_000)).not.toBe('timed-out')

  const drained = drain(server, { live: new Roster<LiveRequest>(), graceMs: 5_000 })

  const [answer]: unknown[] = await once(client, 'message')
  expect(answer).toMatch(/^HTTP\/1.1 200 [^]*connection: close[^]*served/i)
  await drained
  await client.terminate()
})
