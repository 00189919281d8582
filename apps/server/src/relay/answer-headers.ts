import type { FormatName, Loss } from '@relay/format-converter'
import { pickAnswerHeaders, readUpstreamRequestId, type UpstreamHeaders } from '@relay/upstreams'

import { shownLosses } from '../meter/shown-losses.ts'
import type { CredentialHider } from './credential-hider.ts'
import type { LiveRequest } from './live-request.ts'

/** What an answer's headers say of the way it took. */
export interface AnswerHeaderFacts {
  readonly live: LiveRequest
  /** Of what goes to the client. */
  readonly contentType: string
  readonly upstreamFormat: FormatName
  readonly losses: readonly Loss[]
  /** As the upstream sent them; only what is on the allow-list goes on. */
  readonly upstreamHeaders: UpstreamHeaders
  /** Knows what must not be passed on. */
  readonly hider: CredentialHider
}

/** The upstream's own id of the request, for the record. */
export function upstreamRequestIdOf(headers: UpstreamHeaders, hider: CredentialHider): string | undefined {
  const id = readUpstreamRequestId(headers)
  return id === undefined ? undefined : hider.hideInText(id)
}

/** Headers of an answer that came from an upstream. */
export function answerHeaders(facts: AnswerHeaderFacts): Record<string, string> {
  const { live, upstreamFormat, hider } = facts
  const picked = pickAnswerHeaders(facts.upstreamHeaders, { clientFormat: live.format, nowMs: Date.now() })
  const headers: Record<string, string> = {
    ...Object.fromEntries([...picked].filter(([, value]) => hider.hideInText(value) === value)),
    'content-type': facts.contentType,
    'cache-control': 'no-cache',
    ...wayHeaders(live, facts.losses),
  }
  if (facts.contentType.startsWith('text/event-stream')) headers['x-accel-buffering'] = 'no'
  if (upstreamFormat !== live.format) headers['x-relay-conversion'] = `${live.format}>${upstreamFormat}`
  return headers
}

/** What any answer to a request says of its way: that of an upstream, and Relay's own error. */
export function wayHeaders(
  { facts }: Pick<LiveRequest, 'facts'>,
  losses: readonly Loss[] = facts.losses,
): Record<string, string> {
  const { account, showsAccount, attempts, upstreamRequestId } = facts
  const headers: Record<string, string> = { 'x-relay-attempts': String(attempts.length) }
  if (upstreamRequestId !== undefined) headers['x-relay-upstream-request-id'] = upstreamRequestId
  if (showsAccount === true && account !== undefined) headers['x-relay-account'] = encodeURIComponent(account.name)
  const { count, worst } = shownLosses({ ...facts, losses })
  if (worst !== undefined) headers['x-relay-losses'] = `${count}; worst=${worst}`
  return headers
}
