import { StoreError } from '@relay/account-store'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { methodNotAllowed } from 'hono/method-not-allowed'

import { refuse } from './admin-answer.ts'
import type { AdminApp, AdminContext, AdminEnv, AdminRooms } from './admin-rooms.ts'
import { browserHeaders } from './browser-headers.ts'
import type { About } from './contract/index.ts'
import { guard } from './guard.ts'
import { createRequestRoutes } from './request-routes.ts'
import { createSessionRoutes } from './session-routes.ts'

/** Largest body of an admin request. */
const MAX_BODY_BYTES = 64 * 1024

/**
 * The admin API, to be mounted at `ADMIN_API_PATH`. Deny by default: the guard stands in front of the router.
 *
 * @remarks The routes are for the panel and may be read in `contract/`.
 */
export function createAdminApi(rooms: AdminRooms): AdminApp {
  const app: AdminApp = new Hono<AdminEnv>()
  app.use(browserHeaders())
  app.use(async (context, next) => {
    await next()
    context.header('Cache-Control', 'no-store')
  })
  app.use(guard(rooms))
  app.use(methodNotAllowed({ app, onMethodNotAllowed: refuseMethod }))
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseBody }))

  app.route('/', createSessionRoutes(rooms))
  app.route('/', createRequestRoutes(rooms))
  app.get('/about', (context) => describeInstallation(rooms, context))
  app.all('*', (context) => refuse(context, { code: 'not-found', message: 'There is nothing at this path.' }))
  app.onError((error, context) => answerError(rooms, context, error))
  return app
}

async function describeInstallation({ store, version }: AdminRooms, context: AdminContext): Promise<Response> {
  const { backend, schemaVersion, isWritable, usageQueue } = await store.checkHealth()
  const { waiting, dropped } = usageQueue
  return context.json({
    version,
    node: process.version,
    store: { backend, schemaVersion, isWritable },
    usageQueue: { waiting, dropped },
  } satisfies About)
}

function refuseMethod(context: AdminContext, allowed: string[]): Response {
  context.header('Allow', allowed.join(', '))
  return refuse(context, { code: 'method-not-allowed', message: `Allowed here: ${allowed.join(', ')}.` })
}

function refuseBody(context: AdminContext): Response {
  return refuse(context, { code: 'body-too-large', message: `The body is larger than ${MAX_BODY_BYTES} bytes.` })
}

function answerError({ log }: AdminRooms, context: AdminContext, error: Error): Response {
  if (!StoreError.is(error)) {
    log.error({ error: error.name, reason: error.message, path: context.req.path }, 'admin request failed')
    return refuse(context, { code: 'internal-error', message: 'Something went wrong here. The log has the details.' })
  }
  // What the store says about input is meant for people; what it says about files and disks is for the log.
  if (error.code === 'invalid-input') return refuse(context, { code: 'invalid-request', message: error.message })
  if (error.code === 'not-found') return refuse(context, { code: 'not-found', message: error.message })
  log.error(
    { code: error.code, reason: error.message, path: context.req.path },
    'the store did not answer an admin request',
  )
  return refuse(context, { code: 'store-unavailable', message: 'The store cannot be reached right now. Try again.' })
}
