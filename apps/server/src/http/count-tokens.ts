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
import type { GenerateRooms } from './generate.ts'
import { BODY_LIMITS, readBody } from './read-body.ts'
import { serveRequest } from './serve-request.ts'

/** `POST /v1/messages/count_tokens`: asked of an upstream that can count, estimated otherwise. */
export function createCountTokensHandler(rooms: GenerateRooms): Handler<{ Bindings: HttpBindings }> {
  return (context) =>
    serveRequest(context, rooms, {
      format: 'anthropic-messages',
      isLookup: true,
      answer: (live) => countTokens(rooms, live),
    })
}

async function countTokens(rooms: GenerateRooms, live: LiveRequest): Promise<void> {
  const key = await authenticate(rooms.store, live.incoming.headers)
  live.facts.key = key
  const bytes = await readBody(live.incoming, BODY_LIMITS)
  const envelope = openEnvelope(bytes, { format: live.format, isCount: true })
  live.facts.model = envelope.model
  authorise(key, { format: live.format, model: envelope.model })
  const { candidates } = pickAccounts({
    accounts: await rooms.pool.list(),
    upstreamModel: (account) => resolveModel(account.models, envelope.model),
    clientFormat: live.format,
    allowedAccounts: key.permissions.accounts,
    triedAccounts: new Set(),
    inFlight: rooms.pool.inFlight,
    nowMs: Date.now(),
  })
  const counter = candidates.find(({ account }) => chooseUpstreamFormat(account, live.format).format === live.format)
  const counted = counter === undefined ? undefined : await askUpstream(rooms, { live, envelope, candidate: counter })
  reply(live, counted ?? { inputTokens: estimate(envelope), isEstimated: true })
}

interface Count {
  readonly inputTokens: number
  readonly isEstimated: boolean
}

interface Question {
  readonly live: LiveRequest
  readonly envelope: Envelope
  readonly candidate: Candidate
}

/** @returns `undefined` when this upstream does not count */
async function askUpstream(rooms: GenerateRooms, { live, envelope, candidate }: Question): Promise<Count | undefined> {
  const { account, upstreamModel } = candidate
  const choice = chooseUpstreamFormat(account, live.format)
  const result = await rooms.sender.sendWhole(
    {
      poolKey: account.id,
      method: 'POST',
      url: buildUpstreamUrl(choice.baseUrl, choice.apiFormat, { suffix: '/count_tokens', query: live.query }),
      headers: buildRequestHeaders({
        account,
        apiFormat: choice.apiFormat,
        credential: await rooms.pool.credentialOf(account),
        isSameFormat: true,
        clientHeaders: live.incoming.headers,
        isStream: false,
      }),
      body: envelope.withMembers(
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

function estimate(envelope: Envelope): number {
  const converter = createConverter({ client: 'anthropic-messages', upstream: 'openai-chat' })
  return converter.count(envelope.parsed()).inputTokens
}

function reply(live: LiveRequest, { inputTokens, isEstimated }: Count): void {
  if (live.isFinished) return
  const text = JSON.stringify({ input_tokens: inputTokens })
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
  live.outgoing.writeHead(200, isEstimated ? { ...headers, 'x-relay-estimated': '1' } : headers)
  live.outgoing.end(text)
  live.finish({ reason: 'completed', status: 200 })
}
