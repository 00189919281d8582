import type { HttpBindings } from '@hono/node-server'
import { pickAccounts, type Candidate } from '@relay/account-store'
import { createConverter } from '@relay/format-converter'
import {
  buildRequestHeaders,
  buildUpstreamUrl,
  chooseUpstreamFormat,
  exchangeTimeouts,
  resolveModel,
  type WholeResult,
} from '@relay/upstreams'
import type { Handler } from 'hono'

import { authenticate, authorise } from '../auth/authenticate.ts'
import { openEnvelope, type Envelope } from '../relay/envelope.ts'
import type { LiveRequest } from '../relay/live-request.ts'
import { openResponseState, type ResponseState } from '../relay/response-state.ts'
import type { GenerateRooms } from './generate.ts'
import { BODY_LIMITS, readBody } from './read-body.ts'
import { serveRequest } from './serve-request.ts'

/** The formats that can count before they answer. */
export type CountingFormat = 'anthropic-messages' | 'openai-responses'

/** Where each format counts, below the endpoint that answers, and the words around the number. */
const COUNTERS: {
  readonly [Format in CountingFormat]: { readonly suffix: string; readonly words: Readonly<Record<string, string>> }
} = {
  'anthropic-messages': { suffix: '/count_tokens', words: {} },
  'openai-responses': { suffix: '/input_tokens', words: { object: 'response.input_tokens' } },
}

/**
 * `POST /v1/messages/count_tokens` and `POST /v1/responses/input_tokens`: asked of an upstream that can count, estimated
 * otherwise.
 */
export function createCountTokensHandler(
  rooms: GenerateRooms,
  format: CountingFormat,
): Handler<{ Bindings: HttpBindings }> {
  return (context) =>
    serveRequest(context, rooms, {
      format,
      isLookup: true,
      answer: (live) => countTokens(rooms, live, format),
    })
}

async function countTokens(rooms: GenerateRooms, live: LiveRequest, format: CountingFormat): Promise<void> {
  const key = await authenticate(rooms.store, live.incoming.headers)
  live.facts.key = key
  const bytes = await readBody(live.incoming, BODY_LIMITS)
  const envelope = openEnvelope(bytes, { format, isCount: true })
  live.facts.model = envelope.model
  authorise(key, { format, model: envelope.model })
  const state =
    format === 'openai-responses'
      ? await openResponseState(rooms.responses, { key, envelope, requestId: live.id })
      : undefined
  const ranking = pickAccounts({
    accounts: await rooms.pool.list(),
    upstreamModel: (account) => resolveModel(account.models, envelope.model),
    clientFormat: format,
    allowedAccounts: key.permissions.accounts,
    triedAccounts: new Set(),
    inFlight: rooms.pool.inFlight,
    nowMs: Date.now(),
  })
  const { candidates } = state?.choose(ranking, envelope.model) ?? ranking
  const counter = candidates.find(({ account }) => chooseUpstreamFormat(account, format).format === format)
  const question = { live, envelope, state, format }
  const counted = counter === undefined ? undefined : await askUpstream(rooms, question, counter)
  reply(live, format, counted ?? { inputTokens: estimate(question), isEstimated: true })
}

interface Count {
  readonly inputTokens: number
  readonly isEstimated: boolean
}

interface Question {
  readonly live: LiveRequest
  readonly format: CountingFormat
  readonly envelope: Envelope
  /** What a Responses request builds on. */
  readonly state: ResponseState | undefined
}

/** @returns `undefined` when this upstream does not count */
async function askUpstream(
  rooms: GenerateRooms,
  { live, format, envelope, state }: Question,
  { account, upstreamModel }: Candidate,
): Promise<Count | undefined> {
  const choice = chooseUpstreamFormat(account, live.format)
  const result = await rooms.sender.sendWhole(
    {
      poolKey: account.id,
      method: 'POST',
      url: buildUpstreamUrl(choice.baseUrl, choice.apiFormat, {
        suffix: COUNTERS[format].suffix,
        query: live.query,
      }),
      headers: buildRequestHeaders({
        account,
        apiFormat: choice.apiFormat,
        credential: await rooms.pool.credentialOf(account),
        isSameFormat: true,
        clientHeaders: live.incoming.headers,
        isStream: false,
      }),
      body: (state?.requestFor(account, true).envelope ?? envelope).withMembers(
        upstreamModel === envelope.model ? new Map() : new Map([['model', JSON.stringify(upstreamModel)]]),
      ),
      timeouts: exchangeTimeouts(account.timeouts, true),
    },
    { signal: live.signal },
  )
  return readCount(result)
}

function readCount(result: WholeResult): Count | undefined {
  if (!result.ok || result.answer.status !== 200) return undefined
  try {
    const body: unknown = JSON.parse(Buffer.from(result.answer.body).toString('utf8'))
    const counted = typeof body === 'object' && body !== null && 'input_tokens' in body ? body.input_tokens : undefined
    return typeof counted === 'number' && Number.isSafeInteger(counted) && counted >= 0
      ? { inputTokens: counted, isEstimated: false }
      : undefined
  } catch {
    return undefined // not JSON: this upstream does not count
  }
}

/** @throws ServerError `previous_response_not_found`: an estimate of a part would be an invented number */
function estimate({ format, envelope, state }: Question): number {
  const converter = createConverter({ client: format, upstream: 'openai-chat' })
  return converter.count((state?.whole() ?? envelope).parsed()).inputTokens
}

function reply(live: LiveRequest, format: CountingFormat, { inputTokens, isEstimated }: Count): void {
  if (live.isFinished) return
  const text = JSON.stringify({ ...COUNTERS[format].words, input_tokens: inputTokens })
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  live.outgoing.writeHead(200, isEstimated ? { ...headers, 'x-relay-estimated': '1' } : headers)
  live.outgoing.end(text)
  live.finish({ reason: 'completed', status: 200 })
}
