import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** A way to a server on which everything takes its time. */
export interface SlowRoad {
  readonly port: number
  /** How long a question and its answer are on their way together; 0 at first. */
  delay(roundTripMs: number): void
  close(): Promise<void>
}

/** Opens a way to a port of this machine. */
export async function openSlowRoad(port: number): Promise<SlowRoad> {
  const sockets = new Set<Socket>()
  let delayMs = 0

  function pass(from: Socket, to: Socket): void {
    sockets.add(from)
    from.on('error', () => from.destroy())
    from.on('close', () => to.destroy())
    from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), delayMs))
  }

  const server = createServer((client) => {
    const target = connect({ port, host: '127.0.0.1' })
    pass(client, target)
    pass(target, client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port, // a listening TCP server has one
    delay: (roundTripMs) => {
      delayMs = roundTripMs / 2
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
