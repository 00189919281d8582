import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { makeFolder } from './relay-process.ts'

const EXECUTABLE = '/usr/sbin/nginx'
const SHIPPED = fileURLToPath(new URL('../../../deploy/nginx/relay.conf', import.meta.url))
const HOST = 'relay.example.com'

/** Whether there is an nginx to test with; without one the tests fail in CI and are skipped elsewhere. */
export const hasNginx: boolean = existsSync(EXECUTABLE) || process.env['CI'] === 'true'

/** nginx on loopback, with the configuration that we ship. */
export interface RunningNginx {
  /** Sends a request by TLS; settles with the answer's headers, its body still to come. */
  post(path: string, init: NginxRequest): Promise<NginxAnswer>
  stop(): Promise<void>
}

export interface NginxRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface NginxAnswer {
  readonly status: number
  /** Waits until the body so far holds this text. */
  until(text: string): Promise<string>
  /** Leaves without reading on. */
  leave(): void
}

/** Starts it in front of a relay. Only ports, certificate and scratch places differ from what we ship. */
export async function startNginx(relayUrl: string): Promise<RunningNginx> {
  const folder = makeFolder()
  const port = await freePort()
  writeFileSync(join(folder.path, 'nginx.conf'), configuration(folder.path, { port, relayUrl }))
  const child = spawn(EXECUTABLE, ['-p', folder.path, '-c', join(folder.path, 'nginx.conf')], { stdio: 'inherit' })
  await untilOpen(port)
  return {
    post: (path, init) => post({ port, path }, init),
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      folder.remove()
    },
  }
}

function configuration(
  folder: string,
  { port, relayUrl }: { readonly port: number; readonly relayUrl: string },
): string {
  const certificate = join(folder, 'certificate.pem')
  const key = join(folder, 'key.pem')
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', `/CN=${HOST}`]
  execFileSync('openssl', [...words, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  mkdirSync(join(folder, 'scratch'))
  const site = readFileSync(SHIPPED, 'utf8')
    .replace('127.0.0.1:3000', new URL(relayUrl).host)
    .replace('listen 443', `listen 127.0.0.1:${port}`)
    .replace('/etc/ssl/relay.example.com.pem', certificate)
    .replace('/etc/ssl/relay.example.com.key', key)
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return [
    'daemon off; master_process off; error_log stderr error;',
    `pid ${folder}/nginx.pid;`,
    'events {}',
    'http {',
    'access_log off;',
    ...places.map((place) => `${place}_temp_path ${folder}/scratch/${place};`),
    site,
    '}',
  ].join('\n')
}

async function post(
  { port, path }: { readonly port: number; readonly path: string },
  { headers, body }: NginxRequest,
): Promise<NginxAnswer> {
  // The certificate is the test's own; what is tested is what nginx does with the bytes.
  const call = httpsRequest({ host: '127.0.0.1', port, path, method: 'POST', headers, rejectUnauthorized: false })
  call.end(body)
  const [answer] = await once(call, 'response')
  let text = ''
  answer.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  answer.on('error', () => undefined) // of a test that leaves
  return {
    status: answer.statusCode,
    until: async (wanted) => {
      while (!text.includes(wanted)) await once(answer, 'data')
      return text
    },
    leave: () => call.destroy(),
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo // a TCP server's address
  server.close()
  await once(server, 'close')
  return port
}

async function untilOpen(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    await wait(20)
  }
}
