import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** A way to a server on which everything takes its time. */
export interface SlowRoad {
  readonly port: number
  /** How long a question and its answer are on their way together; 0 at first. */
  delay(roundTripMs: number): void
  /** Cuts it for those who ask; what they have asked still arrives. */
  abandon(): void
  close(): Promise<void>
}

/** Opens a way to a port of this machine. */
export async function openSlowRoad(port: number): Promise<SlowRoad> {
  const sockets = new Set<Socket>()
  const clients = new Set<Socket>()
  let delayMs = 0

  /** Nothing overtakes what was sent before it. */
  function pass(from: Socket, to: Socket): void {
    let arrivesAt = 0
    sockets.add(from)
    from.on('error', () => from.destroy())
    from.on('data', (bytes) => {
      const now = performance.now()
      arrivesAt = Math.max(arrivesAt, now + delayMs)
      setTimeout(() => to.writable && to.write(bytes), arrivesAt - now)
    })
  }

  const server = createServer((client) => {
    const target = connect({ port, host: '127.0.0.1' })
    clients.add(client)
    pass(client, target)
    pass(target, client)
    target.on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port, // a listening TCP server has one
    delay: (roundTripMs) => {
      delayMs = roundTripMs / 2
    },
    abandon: () => {
      for (const client of clients) client.destroy()
      clients.clear()
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
