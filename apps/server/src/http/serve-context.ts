import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'

import { type ServeOptions, serveRequest, type ServingRooms } from './serve-request.ts'

/** {@link serveRequest} for a request that the router has brought. */
export function serveContext(
  context: Context<{ Bindings: HttpBindings }>,
  rooms: ServingRooms,
  options: ServeOptions,
): Response {
  const { incoming, outgoing } = context.env
  serveRequest({ incoming, outgoing, path: context.req.path }, rooms, options)
  return RESPONSE_ALREADY_SENT
}
