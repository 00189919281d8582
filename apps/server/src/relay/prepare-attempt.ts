import { createHash } from 'node:crypto'

import type { Account, Candidate } from '@relay/account-store'
import {
  type CompiledRules,
  createConverter,
  type Exchange,
  type HeaderChanges,
  type JsonObject,
  profiles,
  type ProfileOverrides,
  toJsonText,
  type UpstreamProfile,
} from '@relay/format-converter'
import {
  buildRequestHeaders,
  buildUpstreamUrl,
  chooseUpstreamFormat,
  resolveTimeouts,
  type UpstreamChoice,
  type UpstreamRequest,
} from '@relay/upstreams'

import { type CredentialHider, createCredentialHider } from './credential-hider.ts'
import type { Envelope } from './envelope.ts'
import type { LiveRequest } from './live-request.ts'
import { lossPolicyFor } from './loss-policy.ts'
import { passThroughBody } from './pass-through-body.ts'

/** A request as it will be sent to one account, and the way back of its answer. */
export interface PreparedAttempt {
  readonly account: Account
  readonly upstreamModel: string
  readonly choice: UpstreamChoice
  readonly exchange: Exchange
  readonly request: UpstreamRequest
  readonly hider: CredentialHider
  /** Both sides speak the same format: bytes pass untouched. */
  readonly isSameFormat: boolean
  readonly firstEventMs: number
}

export interface AttemptPlan {
  readonly live: LiveRequest
  readonly envelope: Envelope
  readonly candidate: Candidate
  readonly credential: string | undefined
  readonly rules: CompiledRules | undefined
}

/**
 * Writes a client's request for one account.
 *
 * @throws ConversionError when the request cannot be carried; UpstreamError when the account's settings do not fit
 */
export function prepareAttempt({ live, envelope, candidate, credential, rules }: AttemptPlan): PreparedAttempt {
  const { account, upstreamModel } = candidate
  const choice = chooseUpstreamFormat(account, live.format)
  const isSameFormat = choice.format === live.format
  const profile = profileOf(account, choice, upstreamModel)
  const converter = createConverter({
    client: live.format,
    upstream: choice.format,
    answer: choice.recogniseAnswer ? undefined : choice.answerFormat,
    profile,
    policy: lossPolicyFor(live.facts.key, account),
    hash: sha256,
    seals: { issuer: sha256(account.id).slice(0, 16) },
    rules,
  })
  const context = { client: live.format, upstream: choice.format, model: upstreamModel, isStream: envelope.isStream }
  const isRead = !isSameFormat || BODY_PHASES.some((phase) => rules?.select(phase, context) !== undefined)
  const source = isRead ? envelope.parsed() : identityView(envelope)
  const exchange = converter.exchange(source, {
    model: upstreamModel,
    requestId: live.id,
    bodyBytes: envelope.bytes.length,
  })
  const timeouts = resolveTimeouts(account.timeouts)
  const headers = buildRequestHeaders({
    account,
    apiFormat: choice.apiFormat,
    credential,
    isSameFormat,
    clientHeaders: live.incoming.headers,
    isStream: envelope.isStream,
    codecHeaders: Object.entries(exchange.headers).flat(),
  })
  return {
    account,
    upstreamModel,
    choice,
    exchange,
    hider: createCredentialHider(credential),
    isSameFormat,
    firstEventMs: timeouts.firstEventMs,
    request: {
      poolKey: account.id,
      method: 'POST',
      url: buildUpstreamUrl(choice.baseUrl, choice.apiFormat, { query: isSameFormat ? live.query : '' }),
      headers: changeHeaders(headers, exchange.headerChanges),
      body: isSameFormat ? passThroughBody(envelope, { source, exchange }) : toJsonText(exchange.request),
      timeouts: {
        connectMs: timeouts.connectMs,
        headersMs: envelope.isStream ? timeouts.streamHeadersMs : timeouts.wholeHeadersMs,
        idleMs: timeouts.idleMs,
        totalMs: timeouts.totalMs,
      },
    },
  }
}

/** The shipped profile of the account's kind, with the operator's overrides and its output limit on top. */
function profileOf(account: Account, choice: UpstreamChoice, model: string): UpstreamProfile {
  const overrides = account.profile as ProfileOverrides // checked when the account was saved
  const limit = account.maxOutputTokens > 0 ? { maxOutputTokens: account.maxOutputTokens } : {}
  return profiles.resolve(choice.format, model, {
    id: choice.profileId,
    ...overrides,
    model: { ...overrides.model, ...limit },
  })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Phases in which rules see a request's body; where none looks, a body of the same format is not parsed. */
const BODY_PHASES = ['request.client', 'request.upstream'] as const

/** The few members of a body that the way back needs; the rest is not parsed. */
function identityView(envelope: Envelope): JsonObject {
  const view: Record<string, unknown> = { model: envelope.model, stream: envelope.isStream }
  for (const name of ['stream_options', 'functions']) view[name] = envelope.member(name)
  return view as JsonObject // the members come out of JSON.parse
}

/** Headers as rules leave them: names and values, alternating. */
function changeHeaders(headers: readonly string[], changes: HeaderChanges): readonly string[] {
  if (changes.size === 0) return headers
  const kept = headers.flatMap((name, index) => {
    const value = headers[index + 1]
    return index % 2 === 1 || value === undefined || changes.has(name.toLowerCase()) ? [] : [name, value]
  })
  for (const [name, value] of changes) if (value !== undefined) kept.push(name, value)
  return kept
}
