import type { RequestListener } from 'node:http'

import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server'
import type { FormatName } from '@relay/format-converter'
import { type Handler, Hono } from 'hono'
import { getPath } from 'hono/utils/url'

import type { AdminRooms } from './admin-api/admin-rooms.ts'
import { PASSAGE_PATHS } from './admin-api/contract/endpoints.ts'
import { ADMIN_API_PATH, PANEL_PATH } from './admin-api/contract/places.ts'
import { canonicalPath } from './http/canonical-path.ts'
import { checkHead, nothingAt } from './http/check-head.ts'
import { type CountingFormat, createCountTokensHandler } from './http/count-tokens.ts'
import { createExplainHandler, type ExplainEndpointRooms } from './http/explain.ts'
import { createCompactHandler, createGenerateHandler } from './http/generate-handlers.ts'
import type { GenerateRooms } from './http/generate.ts'
import { createHealthHandlers, type HealthRooms } from './http/health.ts'
import { errorResponse, methodNotAllowed } from './http/look-up.ts'
import { createMetricsHandler, noMetricsHere } from './http/metrics.ts'
import { createModelHandler, createModelListHandler, type ModelRooms } from './http/models.ts'
import { createPassageHandler } from './http/pass-through.ts'
import { createRelayKeyUsageHandler } from './http/relay-key-usage.ts'
import { createRelayKeyHandler } from './http/relay-key.ts'
import { createResponseHandlers } from './http/responses.ts'
import { shedLoad } from './http/shed-load.ts'
import type { MemoryGauge } from './observe/memory-gauge.ts'
import type { Metrics } from './observe/metrics.ts'
import { once } from './program-files.ts'
import { failureAnswer } from './relay/answer/failure-answer.ts'
import { newRequestId, requestIdHeaders } from './relay/request-ids.ts'
import { ServerError } from './server-error.ts'

export interface AppRooms
  extends GenerateRooms, ModelRooms, HealthRooms, ExplainEndpointRooms, Omit<AdminRooms, 'log' | 'inFlight'> {
  readonly memory: MemoryGauge
  readonly version: string
  /** Where the built panel lies; `undefined` when it was not built. */
  readonly panelDirectory: string | undefined
  /** Served at `/metrics` where both are there. */
  readonly metrics: Metrics | undefined
  readonly metricsToken: string | undefined
}

type App = Hono<{ Bindings: HttpBindings }>

/** Answers requests through {@link createApp}. */
export function createRouter(rooms: AppRooms): RequestListener {
  const listener = getRequestListener(createApp(rooms).fetch, {
    overrideGlobalObjects: false,
    hostname: 'relay', // where a client of HTTP/1.0 names none; nothing is routed by it
    errorHandler: refuseUnreadable,
  })
  return (incoming, outgoing) => void listener(incoming, outgoing)
}

/** What never becomes a request of the app: its host or its path cannot be part of a URL. */
function refuseUnreadable(error: unknown): Response {
  const requestId = newRequestId()
  const isTheirs = error instanceof RequestError
  const refusal = isTheirs ? new ServerError('invalid_request', 'the host or the path of the request is none') : error
  const { status, headers, text } = failureAnswer(refusal, { format: 'openai-chat', requestId })
  const fields = { 'content-type': 'application/json', connection: 'close', ...requestIdHeaders(requestId) }
  return new Response(text, { status, headers: { ...fields, ...headers } })
}

/** The paths of the product and the rooms they lead to. */
function createApp(rooms: AppRooms): App {
  const app: App = new Hono<{ Bindings: HttpBindings }>({ getPath: (request) => canonicalPath(getPath(request)) })
  app.use(checkHead)
  app.use(shedLoad(rooms.memory))

  mountGenerate(app, rooms, { path: '/v1/messages', format: 'anthropic-messages' })
  mountGenerate(app, rooms, { path: '/v1/chat/completions', format: 'openai-chat' })
  mountGenerate(app, rooms, { path: '/v1/responses', format: 'openai-responses' })
  mountCount(app, rooms, { path: '/v1/messages/count_tokens', format: 'anthropic-messages' })
  mountCount(app, rooms, { path: '/v1/responses/input_tokens', format: 'openai-responses' })
  app.post('/v1/responses/compact', createCompactHandler(rooms)).all('/v1/responses/compact', only('POST'))
  mountResponses(app, rooms)
  for (const path of PASSAGE_PATHS) app.post(path, createPassageHandler(rooms, path)).all(path, only('POST'))
  app.get('/v1/models', createModelListHandler(rooms)).all('/v1/models', only('GET'))
  app.get('/v1/models/:id{.+}', createModelHandler(rooms)).all('/v1/models/:id{.+}', only('GET'))
  app.get('/v1/relay/key', createRelayKeyHandler(rooms)).all('/v1/relay/key', only('GET'))
  app.get('/v1/relay/key/usage', createRelayKeyUsageHandler(rooms)).all('/v1/relay/key/usage', only('GET'))

  app.post('/v1/relay/explain', createExplainHandler(rooms)).all('/v1/relay/explain', only('POST'))

  const { health, ready } = createHealthHandlers(rooms)
  app.get('/health', health).all('/health', only('GET'))
  app.get('/ready', ready).all('/ready', only('GET'))
  mountMetrics(app, rooms)
  // Claude Code's greeting, without credentials
  app.get('/api/hello', (context) => context.body(null, 200)).all('/api/hello', only('GET, HEAD'))

  const adminSite = createAdminSiteHandler(rooms)
  for (const path of [ADMIN_API_PATH, PANEL_PATH]) app.all(`${path}/*`, adminSite)
  app.get('/', leadToPanel).all('/', only('GET, HEAD'))

  app.notFound((context) => errorResponse(nothingAt(context.req.path), { context, requestId: newRequestId() }))
  app.onError((error, context) => {
    const requestId = newRequestId()
    if (!ServerError.is(error)) rooms.log.error({ requestId, error }, 'a request met an unexpected error')
    return errorResponse(error, { context, requestId })
  })
  return app
}

interface GenerateRoute {
  readonly path: string
  readonly format: FormatName
}

function mountGenerate(app: App, rooms: AppRooms, { path, format }: GenerateRoute): void {
  app.post(path, createGenerateHandler(rooms, format)).all(path, only('POST'))
}

interface CountRoute {
  readonly path: string
  readonly format: CountingFormat
}

function mountCount(app: App, rooms: AppRooms, { path, format }: CountRoute): void {
  app.post(path, createCountTokensHandler(rooms, format)).all(path, only('POST'))
}

/** The panel and its API are read when somebody first asks for them: a start is sooner there without. */
function createAdminSiteHandler(rooms: AppRooms): Handler<{ Bindings: HttpBindings }> {
  const open = once(async () => {
    const { createAdminSite } = await import('./http/admin-site.ts')
    return createAdminSite({ ...rooms, inFlight: rooms.pool.inFlight })
  })
  return async ({ req, env }) => (await open()).fetch(req.raw, env)
}

/** After the paths that are no response's id. */
function mountResponses(app: App, rooms: AppRooms): void {
  const { retrieve, remove, cancel, listInput } = createResponseHandlers(rooms)
  app.get('/v1/responses/:id', retrieve).delete('/v1/responses/:id', remove)
  app.all('/v1/responses/:id', only('GET, DELETE'))
  app.post('/v1/responses/:id/cancel', cancel).all('/v1/responses/:id/cancel', only('POST'))
  app.get('/v1/responses/:id/input_items', listInput).all('/v1/responses/:id/input_items', only('GET'))
}

function mountMetrics(app: App, { metrics, metricsToken }: AppRooms): void {
  if (metrics === undefined || metricsToken === undefined) return void app.all('/metrics', noMetricsHere)
  app.get('/metrics', createMetricsHandler(metrics, metricsToken)).all('/metrics', only('GET'))
}

function only(allow: string): () => never {
  return () => {
    throw methodNotAllowed(allow)
  }
}

/** People come here with a browser; a program has the wrong address, and is told so. */
const leadToPanel: Handler = (context) => {
  if (context.req.header('accept')?.includes('text/html') !== true) throw nothingAt('/')
  return context.redirect(PANEL_PATH)
}
