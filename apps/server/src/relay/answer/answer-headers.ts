import type { Loss, SentExchange } from '@relay/format-converter'
import { pickRetryHeaders, readProcessingMs, readUpstreamRequestId, type UpstreamHeaders } from '@relay/upstreams'

import { shownLosses } from '../../meter/shown-losses.ts'
import type { LiveRequest } from '../live-request.ts'
import type { CredentialHider } from '../prepare/credential-hider.ts'
import { REQUEST_ID_HEADERS } from '../request-ids.ts'

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
  const passed: Headers = {}
  const processingMs = format === 'anthropic-messages' ? undefined : readProcessingMs(headers)
  if (processingMs !== undefined) passed['openai-processing-ms'] = processingMs
  addWithoutSecrets(passed, hider, Object.entries(exchange?.rateLimits(headers) ?? NO_HEADERS))
  facts.passedHeaders = passed
}

type Headers = Record<string, string>

const NO_HEADERS: Readonly<Headers> = {}

function addWithoutSecrets(
  headers: Headers,
  hider: CredentialHider,
  added: Iterable<readonly [name: string, value: string]>,
): void {
  for (const [name, value] of added) if (hider.hideInText(value) === value) headers[name] = value
}

/** Headers of an answer that came from an upstream. */
export function answerHeaders({ live, hider, contentType, losses, upstreamHeaders }: AnswerHeaderFacts): Headers {
  const headers: Headers = { 'content-type': contentType, 'cache-control': 'no-cache' }
  if (contentType.startsWith('text/event-stream')) headers['x-accel-buffering'] = 'no'
  addWithoutSecrets(headers, hider, pickRetryHeaders(upstreamHeaders, Date.now()))
  addWay(headers, live, losses)
  return headers
}

type Answered = Pick<LiveRequest, 'id' | 'facts' | 'format'>

/** What any answer to a request says of it and its way: that of an upstream, and Relay's own error. */
export function wayHeaders(live: Answered): Headers {
  const headers: Headers = {}
  addWay(headers, live, live.facts.losses)
  return headers
}

/** Member by member: an object that is put together from others is a slow one. */
function addWay(headers: Headers, { id, facts, format }: Answered, losses: readonly Loss[]): void {
  const { passedHeaders = NO_HEADERS, upstreamFormat = format } = facts
  for (const name of Object.keys(passedHeaders)) headers[name] = passedHeaders[name] ?? ''
  for (const name of REQUEST_ID_HEADERS) headers[name] = id
  headers['x-relay-attempts'] = String(facts.attempts.length)
  if (upstreamFormat !== format) headers['x-relay-conversion'] = `${format}>${upstreamFormat}`
  addUpstream(headers, facts)
  const { count, worst } = shownLosses({ key: facts.key, account: facts.account, losses, leftOut: facts.leftOut })
  if (worst !== undefined) headers['x-relay-losses'] = `${count}; worst=${worst}`
}

function addUpstream(headers: Headers, { account, showsAccount, upstreamRequestId }: Answered['facts']): void {
  if (upstreamRequestId !== undefined) headers['x-relay-upstream-request-id'] = upstreamRequestId
  if (showsAccount === true && account !== undefined) headers['x-relay-account'] = encodeURIComponent(account.name)
}
