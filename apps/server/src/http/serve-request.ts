import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'

import { ConversionError, type FormatName } from '@relay/format-converter'

import { shownSecrets } from '../auth/shown-secrets.ts'
import type { Meter } from '../meter/meter.ts'
import type { Log } from '../observe/log.ts'
import { failureAnswerTo, writeFailureAnswer } from '../relay/answer/failure-answer.ts'
import { type UnreadRooms, watchUnread } from '../relay/answer/unread-answer.ts'
import { createLiveRequest, type LiveRequest, type RequestEnd } from '../relay/live-request.ts'
import { newRequestId } from '../relay/request-ids.ts'
import type { Roster } from '../relay/roster.ts'
import { ServerError } from '../server-error.ts'
import { endAfterBody } from './end-after-body.ts'

/** What serving any request of the model API takes. */
export interface ServingRooms extends UnreadRooms {
  readonly log: Log
  readonly meter: Meter
  /** Requests that live now, for an orderly stop. */
  readonly live: Roster<LiveRequest>
  /** Lower-case names of headers that are kept as tags. */
  readonly tagHeaders: readonly string[]
}

export interface ServeOptions {
  readonly format: FormatName
  readonly isLookup: boolean
  /** Answers the request, or throws what the client is told. */
  readonly answer: (live: LiveRequest) => Promise<void>
}

/** A request that has come, and where its answer goes. */
export interface Arrival {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  /** Canonical, see `canonicalPath`. */
  readonly path: string
}

/**
 * Gives a request its one owner, lets it be answered on the Node response itself, and sees to it that whatever happens
 * ends in exactly one answer and one end.
 */
export function serveRequest({ incoming, outgoing, path }: Arrival, rooms: ServingRooms, options: ServeOptions): void {
  const live = createLiveRequest({
    id: newRequestId(),
    format: options.format,
    incoming,
    outgoing,
    isLookup: options.isLookup,
    path,
    query: queryOf(incoming),
    onFinish: (finished, end) => {
      leave()
      rooms.meter(finished, end)
      watchUnread(outgoing, rooms)
    },
  })
  live.facts.tags = takeTags(incoming.headers, rooms.tagHeaders)
  const leave = rooms.live.enter(live)
  void answer(live, rooms, options)
}

async function answer(live: LiveRequest, rooms: ServingRooms, options: ServeOptions): Promise<void> {
  try {
    await options.answer(live)
  } catch (error) {
    refuse(live, rooms, error)
  }
  if (!live.isFinished) refuse(live, rooms, new Error('the request was neither answered nor refused'))
}

function refuse(live: LiveRequest, rooms: ServingRooms, error: unknown): void {
  if (live.isFinished) return
  const answered = failureAnswerTo(live, error)
  const { failure, status } = answered
  if (failure.kind === 'client_abort') return live.finish({ reason: 'client_closed', status: 499 })
  if (!ServerError.is(error) && !ConversionError.is(error))
    rooms.log.error({ requestId: live.id, error }, 'a request met an unexpected error')
  const { incoming, outgoing } = live
  const isUnread = !incoming.complete
  if (isUnread) outgoing.setHeader('connection', 'close')
  const end: RequestEnd = { reason: reasonOf(live, failure.kind), status, message: failure.message }
  writeFailureAnswer(outgoing, answered, isUnread ? (body) => endAfterBody(incoming, outgoing, body) : undefined)
  live.finish(end)
}

function reasonOf({ facts }: LiveRequest, kind: string): RequestEnd['reason'] {
  const wasSent = facts.attempts.some(({ status, reason }) => status !== undefined || SENT_IN_VAIN.has(reason))
  if (!wasSent) return kind === 'internal' ? 'internal_error' : 'rejected'
  return kind === 'timeout' ? 'upstream_timeout' : 'upstream_error'
}

/** How an attempt ends that reached for the upstream and got no status. */
const SENT_IN_VAIN = new Set(['overloaded', 'timeout', 'upstream_truncated', 'upstream_protocol', 'overflow'])

const NO_TAGS: Readonly<Record<string, string>> = {}

/** Tags are Relay's own: they are taken out, so that nothing forwards them. */
function takeTags(headers: IncomingHttpHeaders, names: readonly string[]): Readonly<Record<string, string>> {
  if (names.length === 0) return NO_TAGS
  const tags = new Map<string, string>()
  for (const name of names) {
    const value = headers[name]
    if (value === undefined) continue
    if (value.length > 0) tags.set(name, Array.isArray(value) ? value.join(', ') : value)
    delete headers[name]
  }
  return Object.fromEntries(tags)
}

/** It goes on to the upstream, so a relay key that stands there by mistake is taken out. */
function queryOf(incoming: IncomingMessage): string {
  const { url = '' } = incoming
  const at = url.indexOf('?')
  if (at === -1) return ''
  const query = url.slice(at)
  const secrets = shownSecrets(incoming)
  const holdsSecret = (member: string): boolean => secrets.some(({ text }) => member.includes(text))
  if (!holdsSecret(query)) return query
  return `?${query
    .slice(1)
    .split('&')
    .filter((member) => !holdsSecret(member))
    .join('&')}`
}
