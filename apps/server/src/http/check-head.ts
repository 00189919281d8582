import type { IncomingMessage } from 'node:http'

import type { HttpBindings } from '@hono/node-server'
import type { MiddlewareHandler } from 'hono'

import { newRequestId, setRequestId } from '../relay/request-ids.ts'
import { ServerError } from '../server-error.ts'

/** Fields of a request's head; more is no client that we know. */
const MAX_HEADER_FIELDS = 200

/** `.` or `..` as a step of a path, which the URL parser takes away before we see it. */
const DOT_SEGMENT = /^[^?#]*\/(?:\.|%2e){1,2}(?:[/?#]|$)/i

/** What is not routed at all: heads without measure, and heads that mean something else to whoever stands in front of us. */
export const checkHead: MiddlewareHandler<{ Bindings: HttpBindings }> = async (context, next) => {
  const { incoming, outgoing } = context.env
  if (!context.req.path.startsWith('/v1/')) setRequestId(outgoing, newRequestId()) // those of the API name themselves
  const trouble = troubleOf(incoming)
  if (trouble !== undefined) throw trouble
  await next()
}

/** What is wrong with the head of a request, whatever it asks for. */
export function troubleOf({ rawHeaders, headers, url = '' }: IncomingMessage): ServerError | undefined {
  if (rawHeaders.length > MAX_HEADER_FIELDS * 2)
    return refusal(`the request has more than ${MAX_HEADER_FIELDS} header fields`, 431)
  if (countHosts(rawHeaders) > 1) return refusal('the request names more than one host', 400)
  // the parser lets any coding pass that is followed by "chunked"
  const coding = headers['transfer-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    return refusal('the request has a transfer coding other than "chunked"', 400)
  return DOT_SEGMENT.test(url) ? nothingAt('a path with "." or ".." in it') : undefined
}

/** What the router cannot even read: a request to no host, or for no path. */
export function unroutable({ rawHeaders, httpVersion, url = '' }: IncomingMessage): ServerError | undefined {
  if (httpVersion !== '1.0' && countHosts(rawHeaders) === 0) return refusal('the request names no host', 400)
  const isPath = url.startsWith('/') || /^https?:\/\//i.test(url)
  return isPath ? undefined : refusal('the request is for no path', 400)
}

function countHosts(rawHeaders: readonly string[]): number {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  return hosts
}

function refusal(message: string, status: number): ServerError {
  return new ServerError('invalid_request', message, { status, headers: { connection: 'close' } })
}

/** Without the code that OpenAI has for the kind, because it speaks of a model. */
export function nothingAt(place: string): ServerError {
  return new ServerError('not_found', `there is nothing at ${place.slice(0, 100)}`, { code: null })
}
