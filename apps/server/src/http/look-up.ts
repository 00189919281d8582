import type { IncomingMessage } from 'node:http'

import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

import type { AuthRooms } from '../auth/authenticate.ts'
import type { Log } from '../observe/log.ts'
import { failureAnswer } from '../relay/answer/failure-answer.ts'
import { newRequestId, requestIdHeaders } from '../relay/request-ids.ts'
import { ServerError } from '../server-error.ts'
import { callerFormat } from './caller-format.ts'

export interface LookupRooms extends AuthRooms {
  readonly log: Log
}

/** A request that came over a socket of ours. */
export type HttpContext = Context<{ Bindings: HttpBindings }>

/** Answers a question that costs nothing, in JSON; trouble in the caller's own format. */
export async function lookUp(
  context: HttpContext,
  answer: (incoming: IncomingMessage) => Promise<object>,
): Promise<Response> {
  const requestId = newRequestId()
  const headers = { ...requestIdHeaders(requestId), 'cache-control': 'no-store' }
  try {
    return Response.json(await answer(context.env.incoming), { headers })
  } catch (error) {
    return errorResponse(error, { context, requestId })
  }
}

interface ErrorPlace {
  readonly context: Context
  readonly requestId: string
}

/** Any trouble outside the journey as a response in the caller's format. */
export function errorResponse(error: unknown, { context, requestId }: ErrorPlace): Response {
  const headers = Object.fromEntries(context.req.raw.headers)
  const {
    status,
    headers: own,
    text,
  } = failureAnswer(error, { format: callerFormat(context.req.path, headers), requestId })
  return new Response(context.req.method === 'HEAD' ? null : text, {
    status,
    headers: { 'content-type': 'application/json', ...requestIdHeaders(requestId), ...own },
  })
}

/** An answer for a path that is known, by a method that is not. */
export function methodNotAllowed(allow: string): ServerError {
  return new ServerError('invalid_request', `this path takes ${allow}`, { status: 405, headers: { allow } })
}
