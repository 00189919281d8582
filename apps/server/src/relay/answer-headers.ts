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
    'x-relay-attempts': String(Math.max(1, live.facts.attempts.length)),
  }
  const { account, showsAccount } = live.facts
  if (showsAccount === true && account !== undefined) headers['x-relay-account'] = encodeURIComponent(account.name)
  if (facts.contentType.startsWith('text/event-stream')) headers['x-accel-buffering'] = 'no'
  if (upstreamFormat !== live.format) headers['x-relay-conversion'] = `${live.format}>${upstreamFormat}`
  const losses = shownLosses({ ...live.facts, losses: facts.losses })
  if (losses.worst !== undefined) headers['x-relay-losses'] = `${losses.count}; worst=${losses.worst}`
  return headers
}
