import type { IncomingHttpHeaders } from 'node:http'

import type { Account } from '@relay/account-store'
import { convertError, type JsonObject } from '@relay/format-converter'
import {
  buildRequestHeaders,
  buildUpstreamUrl,
  chooseUpstreamFormat,
  exchangeTimeouts,
  type Sender,
  type WholeAnswer,
} from '@relay/upstreams'

import type { AccountPool } from '../relay/choose/account-pool.ts'
import { createCredentialHider, type CredentialHider } from '../relay/prepare/credential-hider.ts'
import type { ResponseRooms } from '../relay/responses/response-state.ts'
import { ServerError } from '../server-error.ts'

const FORMAT = 'openai-responses'

export interface HeldRooms {
  readonly pool: Pick<AccountPool, 'list' | 'credentialOf' | 'routeOf'>
  readonly sender: Sender
  readonly responses: Pick<ResponseRooms, 'holders'>
}

/** What a client wants of a response that an upstream keeps. */
export interface HeldQuestion {
  readonly keyId: string
  /** Of the response. */
  readonly id: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below the response's own path. */
  readonly suffix: '' | '/cancel' | '/input_items'
  readonly query: string
  readonly clientHeaders: IncomingHttpHeaders
  /** Of the client's own request. */
  readonly signal: AbortSignal
}

/** What such a server says that has no such response, or no such endpoint. */
const HAS_NONE: ReadonlySet<number> = new Set([404, 405])

/** What is wrong with the question itself, and for the client to read. */
const THEIRS: ReadonlySet<number> = new Set([400, 409, 422])

/**
 * Asks the account that made a response, whose upstream may keep it: it is the only one that can tell how an answer in
 * the background goes on.
 *
 * @returns `undefined` when no account is known to have made it for this relay key, or its upstream does not know it
 */
export async function askHolder(rooms: HeldRooms, question: HeldQuestion): Promise<JsonObject | undefined> {
  const account = await findHolder(rooms, question)
  if (account === undefined) return undefined
  const choice = chooseUpstreamFormat(account, FORMAT)
  if (choice.format !== FORMAT) return undefined
  const { method, id, suffix, query, clientHeaders, signal } = question
  const credential = await rooms.pool.credentialOf(account)
  const { apiFormat, baseUrl } = choice
  const facts = { account, apiFormat, credential, isSameFormat: true, clientHeaders, isStream: false }
  const result = await rooms.sender.sendWhole(
    {
      poolKey: account.id,
      method,
      url: buildUpstreamUrl(baseUrl, apiFormat, { suffix: `/${encodeURIComponent(id)}${suffix}`, query }),
      headers: buildRequestHeaders(facts),
      timeouts: exchangeTimeouts(account.timeouts, true), // the upstream only looks it up
      ...(await rooms.pool.routeOf(account)),
    },
    { signal },
  )
  if (!result.ok) throw unreachable('cannot be reached')
  return readAnswer(result.answer, createCredentialHider(credential, baseUrl))
}

async function findHolder({ pool, responses }: HeldRooms, { keyId, id }: HeldQuestion): Promise<Account | undefined> {
  await responses.holders.recall(id)
  const holder = responses.holders.find(id)
  if (holder === undefined || holder.keyId !== keyId) return undefined
  return (await pool.list()).find((account) => account.id === holder.accountId && account.enabled)
}

/** @throws ServerError for an answer that is no use to the client */
function readAnswer({ status, body }: WholeAnswer, hider: CredentialHider): JsonObject | undefined {
  if (HAS_NONE.has(status)) return undefined
  const text = hider.hideInText(Buffer.from(body).toString('utf8'))
  if (THEIRS.has(status)) {
    const { kind, message, ...more } = convertError({ from: FORMAT, to: FORMAT, status, body: text }).failure
    throw new ServerError(kind, message, { ...more, status })
  }
  if (status < 200 || status >= 300) throw unreachable(`answered with the status ${status}`)
  return readObject(text)
}

function readObject(text: string): JsonObject {
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as JsonObject // of JSON
  } catch {
    // no JSON, as any other answer that is none
  }
  throw unreachable('answered with something else')
}

function unreachable(what: string): ServerError {
  return new ServerError('overloaded', `the upstream that keeps this response ${what}; try again`, {
    retryAfterMs: 1_000,
  })
}
