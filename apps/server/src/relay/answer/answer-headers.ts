import type { Loss, SentExchange } from '@relay/format-converter'
import { pickRetryHeaders, readProcessingMs, readUpstreamRequestId, type UpstreamHeaders } from '@relay/upstreams'

import { shownLosses } from '../../meter/shown-losses.ts'
import type { LiveRequest } from '../live-request.ts'
import type { CredentialHider } from '../prepare/credential-hider.ts'
import { requestIdHeaders } from '../request-ids.ts'

/** What an answer's headers say of the way it took. */
export interface AnswerHeaderFacts {
  readonly live: LiveRequest
  /** Of what goes to the client. */
  readonly contentType: string
  readonly losses: readonly Loss[]
  /** As the upstream sent them; only what is on the allow-list goes on. */
  readonly upstreamHeaders: UpstreamHeaders
  /** Knows what must not be passed on. */
  readonly hider: CredentialHider
}

/** The head of an upstream's answer, good or bad. */
interface AnswerHead {
  readonly headers: UpstreamHeaders
  readonly hider: CredentialHider
  /** None where the request passes as it is. */
  readonly exchange?: Pick<SentExchange, 'rateLimits'> | undefined
}

/** Notes what the record keeps of an upstream's headers, and what every answer to the client repeats of them. */
export function noteAnswerHead({ facts, format }: LiveRequest, { headers, hider, exchange }: AnswerHead): void {
  const id = readUpstreamRequestId(headers)
  facts.upstreamRequestId = id === undefined ? undefined : hider.hideInText(id)
  const processingMs = format === 'anthropic-messages' ? undefined : readProcessingMs(headers)
  facts.passedHeaders = withoutSecrets(hider, {
    ...(processingMs !== undefined && { 'openai-processing-ms': processingMs }),
    ...exchange?.rateLimits(headers),
  })
}

function withoutSecrets(hider: CredentialHider, headers: Readonly<Record<string, string>>): Record<string, string> {
  const shown: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (hider.hideInText(value) === value) shown[name] = value
  }
  return shown
}

/** Headers of an answer that came from an upstream. */
export function answerHeaders(facts: AnswerHeaderFacts): Record<string, string> {
  const { live, hider } = facts
  const headers: Record<string, string> = {
    ...withoutSecrets(hider, Object.fromEntries(pickRetryHeaders(facts.upstreamHeaders, Date.now()))),
    'content-type': facts.contentType,
    'cache-control': 'no-cache',
    ...wayHeaders(live, facts.losses),
  }
  if (facts.contentType.startsWith('text/event-stream')) headers['x-accel-buffering'] = 'no'
  return headers
}

/** What any answer to a request says of it and its way: that of an upstream, and Relay's own error. */
export function wayHeaders(
  { id, facts, format }: Pick<LiveRequest, 'id' | 'facts' | 'format'>,
  losses: readonly Loss[] = facts.losses,
): Record<string, string> {
  const { account, showsAccount, attempts, upstreamRequestId, upstreamFormat = format } = facts
  const headers: Record<string, string> = {
    ...facts.passedHeaders,
    ...requestIdHeaders(id),
    'x-relay-attempts': String(attempts.length),
  }
  if (upstreamFormat !== format) headers['x-relay-conversion'] = `${format}>${upstreamFormat}`
  if (upstreamRequestId !== undefined) headers['x-relay-upstream-request-id'] = upstreamRequestId
  if (showsAccount === true && account !== undefined) headers['x-relay-account'] = encodeURIComponent(account.name)
  const { count, worst } = shownLosses({ ...facts, losses })
  if (worst !== undefined) headers['x-relay-losses'] = `${count}; worst=${worst}`
  return headers
}
