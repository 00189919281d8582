import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** What a fake proxy is asked for. */
export interface FakeProxyOptions {
  readonly kind: 'http' | 'socks5'
  /** The user name and password that it wants; none unless given. */
  readonly credential?: { readonly username: string; readonly password: string }
  /** Says no to every connection. */
  readonly isRefusing?: boolean
}

/** A proxy on a loopback port. Whatever it is asked for, it connects to a port of this machine. */
export interface FakeProxy {
  readonly port: number
  /** What it was asked for, as `host:port`. */
  readonly ends: readonly string[]
  close(): Promise<void>
}

/** Starts a proxy for tests. */
export async function startFakeProxy(options: FakeProxyOptions): Promise<FakeProxy> {
  const ends: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    const serve = options.kind === 'http' ? serveHttp : serveSocks
    void serve(socket, options, (end) => ends.push(end)).catch(() => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a listening TCP server has one
  return {
    port,
    ends,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type NoteEnd = (end: string) => void

async function serveHttp(socket: Socket, { credential, isRefusing }: FakeProxyOptions, note: NoteEnd): Promise<void> {
  const head = (await readSome(socket)).toString('latin1')
  const [, host = '', port = ''] = /^CONNECT (\S+):(\d+) HTTP/.exec(head) ?? []
  note(`${host}:${port}`)
  const wanted = credential && Buffer.from(`${credential.username}:${credential.password}`).toString('base64')
  if (wanted !== undefined && !head.includes(`Basic ${wanted}`)) return void socket.end('HTTP/1.1 407 No\r\n\r\n')
  if (isRefusing === true) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
  join(socket, Number(port))
}

async function serveSocks(socket: Socket, { credential, isRefusing }: FakeProxyOptions, note: NoteEnd): Promise<void> {
  await readSome(socket)
  socket.write(Buffer.from([5, credential === undefined ? 0 : 2]))
  if (credential !== undefined && !(await checkPassword(socket, credential))) return void socket.end()
  const request = await readSome(socket)
  const isName = request[3] === 3
  const host = isName ? request.subarray(5, 5 + (request[4] ?? 0)).toString() : request.subarray(4, 8).join('.')
  const port = request.readUInt16BE(request.length - 2)
  note(`${host}:${port}`)
  socket.write(Buffer.from([5, isRefusing === true ? 2 : 0, 0, 1, 0, 0, 0, 0, 0, 0]))
  if (isRefusing !== true) join(socket, port)
}

async function checkPassword(
  socket: Socket,
  { username, password }: NonNullable<FakeProxyOptions['credential']>,
): Promise<boolean> {
  const shown = await readSome(socket)
  const userEnd = 2 + (shown[1] ?? 0)
  const isRight =
    shown.subarray(2, userEnd).toString() === username && shown.subarray(userEnd + 1).toString() === password
  socket.write(Buffer.from([1, isRight ? 0 : 1]))
  return isRight
}

function join(socket: Socket, port: number): void {
  const onward = connect(port, '127.0.0.1')
  onward.on('error', () => socket.destroy())
  socket.on('close', () => onward.destroy())
  socket.pipe(onward).pipe(socket)
}

function readSome(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once('data', (chunk: Buffer) => {
      socket.pause()
      resolve(chunk)
    })
    socket.once('close', () => reject(new Error('closed')))
    socket.resume()
  })
}
