import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** When a connection is cut: before the server has heard the question, or after it has acted and before it is heard. */
export type Cut = 'question' | 'answer'

/** A TCP proxy that cuts one connection at a chosen moment, and lets every later one pass. */
export interface CuttingProxy {
  readonly port: number
  /** Cuts at the question of this number, from now on. */
  cutAt(index: number, cut: Cut): void
  hasCut(): boolean
  stop(): void
  close(): Promise<void>
}

/** Starts it on a free port, in front of a server on this machine. */
export async function startCuttingProxy(serverPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  let left = 0
  let next: Cut = 'question'
  const server = createServer((client) => {
    const backend = connect({ port: serverPort, host: '127.0.0.1', noDelay: true })
    for (const socket of [client, backend]) {
      sockets.add(socket)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        backend.destroy()
      })
      socket.on('error', () => socket.destroy()) // seen at the other end
    }
    client.setNoDelay(true)
    let isDeaf = false
    client.on('data', (question) => {
      const isCut = left > 0 && (left -= 1) === 0
      if (isCut && next === 'question') return void client.destroy()
      isDeaf ||= isCut
      backend.write(question)
    })
    backend.on('data', (answer) => {
      if (isDeaf) client.destroy()
      else client.write(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a listening TCP server has one

  return {
    port,
    cutAt: (index, cut) => {
      left = index
      next = cut
    },
    hasCut: () => left === 0,
    stop: () => {
      left = 0
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
