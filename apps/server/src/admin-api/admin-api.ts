import { StoreError } from '@relay/account-store'
import type { StoreErrorCode } from '@relay/account-store'
import { UpstreamError } from '@relay/upstreams'
import { Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'

import { ServerError } from '../server-error.ts'
import { addAboutRoute } from './about-route.ts'
import { addAcceptedLossRoutes } from './accepted-loss-routes.ts'
import { addAccountFormRoutes } from './account-form-routes.ts'
import { addAccountRoutes } from './account-routes.ts'
import { addAccountStateRoutes } from './account-state-routes.ts'
import { addAccountTestRoutes } from './account-test-routes.ts'
import { addAccountTransferRoutes } from './account-transfer-routes.ts'
import { refuse } from './admin-answer.ts'
import type { AdminApp, AdminContext, AdminEnv, AdminRooms } from './admin-rooms.ts'
import { addAdminRoutes } from './admin-routes.ts'
import { addAuditRoutes } from './audit-routes.ts'
import { browserHeaders } from './browser-headers.ts'
import { addCaptureRoutes } from './capture-routes.ts'
import type { AdminErrorCode } from './contract/index.ts'
import { addDataFileRoutes } from './data-file-routes.ts'
import { addDataRoutes } from './data-routes.ts'
import { guard } from './guard.ts'
import { addHealthRoutes } from './health-routes.ts'
import { addHolderRoutes } from './holder-routes.ts'
import { addInspectionRoutes } from './inspection-routes.ts'
import { addKeyRoutes } from './key-routes.ts'
import { addLiveRoutes } from './live-routes.ts'
import { addOpenApiRoute } from './openapi.ts'
import { addOwnPriceRoutes } from './own-price-routes.ts'
import { addPriceRoutes } from './price-routes.ts'
import { addRepriceRoute } from './reprice-route.ts'
import { addRequestRoutes } from './request-routes.ts'
import { createRouter } from './router.ts'
import { addRoutingRoutes } from './routing-routes.ts'
import { addRuleRoutes } from './rule-routes.ts'
import { addSessionRoutes } from './session-routes.ts'
import { addTokenRoutes } from './token-routes.ts'
import { addUpkeepRoutes } from './upkeep-routes.ts'
import { addUsageRoutes } from './usage-routes.ts'
import { addWebhookRoutes } from './webhook-routes.ts'

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

  const router = createRouter(rooms)
  addSessionRoutes(router)
  addRequestRoutes(router)
  addAdminRoutes(router)
  addTokenRoutes(router)
  addAuditRoutes(router)
  addUsageRoutes(router)
  addHealthRoutes(router)
  addLiveRoutes(router)
  addCaptureRoutes(router)
  addRuleRoutes(router)
  addAcceptedLossRoutes(router)
  addInspectionRoutes(router)
  addAccountRoutes(router)
  addAccountStateRoutes(router)
  addAccountFormRoutes(router)
  addAccountTestRoutes(router)
  addAccountTransferRoutes(router)
  addKeyRoutes(router)
  addHolderRoutes(router)
  addWebhookRoutes(router)
  addPriceRoutes(router)
  addOwnPriceRoutes(router)
  addRepriceRoute(router)
  addRoutingRoutes(router)
  addUpkeepRoutes(router)
  addDataRoutes(router)
  addDataFileRoutes(router)
  addAboutRoute(router)
  addOpenApiRoute(router)
  app.route('/', router.app)
  app.all('*', (context) => refuse(context, { code: 'not-found', message: 'There is nothing at this path.' }))
  app.onError((error, context) => answerError(rooms, context, error))
  return app
}

function refuseMethod(context: AdminContext, allowed: string[]): Response {
  context.header('Allow', allowed.join(', '))
  return refuse(context, { code: 'method-not-allowed', message: `Allowed here: ${allowed.join(', ')}.` })
}

function answerError({ log }: AdminRooms, context: AdminContext, error: Error): Response {
  if (UpstreamError.is(error) || (ServerError.is(error) && error.failure.kind === 'invalid_request'))
    return refuse(context, { code: 'invalid-request', message: error.message })
  if (!StoreError.is(error)) {
    log.error({ error: error.name, reason: error.message, path: context.req.path }, 'admin request failed')
    return refuse(context, { code: 'internal-error', message: 'Something went wrong here. The log has the details.' })
  }
  // What the store says about input is meant for people; what it says about files and disks is for the log.
  const code = TOLD[error.code]
  if (code !== undefined)
    return refuse(context, { code, message: error.message, field: fieldOf(error), rule: error.rule })
  log.error(
    { code: error.code, reason: error.message, path: context.req.path },
    'the store did not answer an admin request',
  )
  return refuse(context, { code: 'store-unavailable', message: 'The store cannot be reached right now. Try again.' })
}

/** The store's trouble that its caller can mend. */
const TOLD: Partial<Record<StoreErrorCode, AdminErrorCode>> = {
  'invalid-input': 'invalid-request',
  'not-found': 'not-found',
  'name-taken': 'name-taken',
  'secret-taken': 'invalid-request',
  'credential-required': 'credential-required',
  'managed-by-config': 'managed-by-config',
  'last-admin': 'last-admin',
}

/** The store's words about input begin with the path of the field. */
function fieldOf({ code, message }: StoreError): string | undefined {
  if (code === 'name-taken') return 'name'
  if (code === 'credential-required') return 'credential'
  return code === 'invalid-input' ? message.split(' ', 1)[0] : undefined
}
