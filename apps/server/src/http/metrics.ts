import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Context } from 'hono'

import type { Metrics } from '../observe/metrics.ts'

/** Whether a request may see the metrics. Without a token everybody may who reaches the port. */
function mayReadMetrics(authorization: string | undefined, token: string | undefined): boolean {
  if (token === undefined) return true
  const shown = /^bearer (.+)$/i.exec(authorization ?? '')?.[1]
  return shown !== undefined && timingSafeEqual(digest(shown), digest(token))
}

/** `GET /metrics` on the relay's own port, behind its token. */
export function createMetricsHandler(metrics: Metrics, token: string): (context: Context) => Promise<Response> {
  return async (context) => {
    if (!mayReadMetrics(context.req.header('authorization'), token)) {
      return context.text('the bearer token of METRICS_TOKEN is needed\n', 401, { 'www-authenticate': 'Bearer' })
    }
    const { text, contentType } = await metrics.render()
    return context.body(text, 200, { 'content-type': contentType, 'cache-control': 'no-store' })
  }
}

/** `/metrics` where it is not served: says what serves it, and tells nothing of how Relay is set. */
export function noMetricsHere(context: Context): Response {
  return context.text('no metrics here; they lie on METRICS_PORT, or here once METRICS_TOKEN is set\n', 404)
}

/** Where the metrics have a port of their own. */
export interface MetricsPort {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly token: string | undefined
}

/** A listening metrics port. */
export interface MetricsServer {
  readonly url: string
  close(): void
}

/** Serves `/metrics`, and nothing else, on a port of its own. */
export async function startMetricsServer(metrics: Metrics, { host, port, token }: MetricsPort): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0]
    if (path !== '/metrics') return void response.writeHead(404).end('there is only /metrics here\n')
    if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end()
    if (!mayReadMetrics(request.headers.authorization, token)) {
      return void response.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
    }
    metrics.render().then(
      ({ text, contentType }) => response.writeHead(200, { 'content-type': contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  const address = await listen(server, port, host)
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `http://${name}:${address.port}/metrics`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, resolve)
  await promise
  server.off('error', reject)
  return server.address() as AddressInfo // a listening TCP server has one
}

/** Of equal length, whatever was shown. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
