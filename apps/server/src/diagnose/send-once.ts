import type { Account } from '@relay/account-store'
import type { FormatName } from '@relay/format-converter'
import { resolveModel, type Sender } from '@relay/upstreams'

import { createCredentialHider } from '../relay/prepare/credential-hider.ts'
import { prepareAttempt } from '../relay/prepare/prepare-attempt.ts'
import type { RuleBook } from '../relay/prepare/rule-book.ts'
import { noFacts } from '../relay/request-facts.ts'
import { openEnvelope } from '../relay/request/envelope.ts'
import { ServerError } from '../server-error.ts'

/** What sending takes. */
export interface SendOnceRooms {
  readonly sender: Sender
  readonly rules: RuleBook
}

/** A client's request that an operator sends through one account. */
export interface OneSend {
  readonly account: Account
  readonly credential: string | undefined
  readonly format: FormatName
  readonly body: Uint8Array
}

/** What came back, as it came; the account's credential is taken out of it. */
export interface SentOnce {
  /** 0 when there was no answer. */
  readonly status: number
  readonly contentType: string | undefined
  readonly answer: string
  readonly upstreamFormat: FormatName
  readonly model: string
  readonly durationMs: number
  readonly failure: string | undefined
}

/**
 * Converts a request for an account, sends it once, and reads the answer to its end. No retry, no other account, no
 * cooldown and no usage record: it is nobody's request.
 *
 * @throws ServerError, ConversionError, UpstreamError when the request cannot be sent at all
 */
export async function sendOnce({ sender, rules }: SendOnceRooms, send: OneSend): Promise<SentOnce> {
  const { account, credential, format, body } = send
  const envelope = openEnvelope(body, { format })
  const upstreamModel = resolveModel(account.models, envelope.model)
  if (upstreamModel === undefined)
    throw new ServerError('invalid_request', `this account does not serve ${envelope.model.slice(0, 100)}`)
  const facts = { ...noFacts(), isStream: envelope.isStream, bodyBytes: body.length }
  const attempt = await prepareAttempt({
    longWork: undefined, // an operator's request is short
    live: { id: 'inspected', format, query: '', incoming: { headers: {} }, facts },
    envelope,
    state: undefined,
    candidate: { account, upstreamModel, awaitsProbe: false },
    credential,
    route: {},
    rules: await rules.rulesFor(account),
    withoutProofs: false,
    refusedParameters: [],
    nativePath: undefined,
    onContent: undefined,
  })
  const startedAt = performance.now()
  const result = await sender.sendWhole(attempt.request)
  const known = {
    upstreamFormat: attempt.choice.format,
    model: upstreamModel,
    durationMs: Math.round(performance.now() - startedAt),
  }
  if (!result.ok) return { ...known, status: 0, contentType: undefined, answer: '', failure: result.failure.message }
  const { status, headers, body: bytes } = result.answer
  const answer = createCredentialHider(credential).hideInText(Buffer.from(bytes).toString('utf8'))
  return { ...known, status, contentType: headers.get('content-type'), answer, failure: undefined }
}
