import type { HttpBindings } from '@hono/node-server'
import type { MiddlewareHandler } from 'hono'

import type { MemoryGauge } from '../observe/memory-gauge.ts'
import { ServerError } from '../server-error.ts'

/** What makes a document of everything that is stored. */
const EXPORT = /^\/admin\/api\/.*(?:export|download|backup)/

/**
 * Gives work away in steps while memory is short: first connections are not kept and nothing is exported, then requests of
 * the model API are refused. Health answers whatever happens, and running streams go on.
 */
export function shedLoad(memory: MemoryGauge): MiddlewareHandler<{ Bindings: HttpBindings }> {
  return async (context, next) => {
    const level = memory.level()
    if (level === 'roomy') return next()
    const { outgoing } = context.env
    outgoing.shouldKeepAlive = false
    const { path } = context.req
    const isRefused = (level === 'full' && path.startsWith('/v1/')) || EXPORT.test(path)
    if (!isRefused) return next()
    throw new ServerError('overloaded', 'this Relay is short of memory; try again in a moment', {
      status: 503,
      retryAfterMs: 1_000,
      headers: { connection: 'close' },
    })
  }
}
