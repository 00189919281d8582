import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** A plain TCP balancer, as simple as one can be: it knows nothing of HTTP and asks nobody how they are. */
export interface TcpBalancer {
  readonly url: string
  /** The ports that connections go to in turn. */
  use(ports: readonly number[]): void
  /** Ends the connections that are there. */
  cut(): void
  close(): Promise<void>
}

/** Starts it on a free port. A connection that one backend refuses goes to the next one. */
export async function startTcpBalancer(): Promise<TcpBalancer> {
  let backends: readonly number[] = []
  let turn = 0
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    track(sockets, client)
    turn += 1
    const order = backends.map((_, index) => backends[(turn + index) % backends.length] ?? 0)
    void join(client, order, sockets)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a listening TCP server has one

  function cut(): void {
    for (const socket of sockets) socket.destroy()
  }

  return {
    url: `http://127.0.0.1:${port}`,
    use: (ports) => {
      backends = ports
    },
    cut,
    close: async () => {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}

async function join(client: Socket, ports: readonly number[], sockets: Set<Socket>): Promise<void> {
  for (const port of ports) {
    const backend = connect({ port, host: '127.0.0.1', noDelay: true })
    track(sockets, backend)
    try {
      await once(backend, 'connect')
    } catch {
      continue // refused: the next one
    }
    client.setNoDelay(true)
    client.pipe(backend).pipe(client)
    client.on('close', () => backend.destroy())
    backend.on('close', () => client.destroy())
    return
  }
  client.destroy()
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket))
  // What happened is seen at the other end.
  socket.on('error', () => socket.destroy())
}
