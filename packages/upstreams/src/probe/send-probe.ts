import { buildRequestHeaders } from '../send/request-headers.ts'
import { exchangeTimeouts } from '../send/timeouts.ts'
import type { ExchangeTimeouts, Sender, UpstreamRoute } from '../send/upstream-call.ts'
import type { ApiFormat, UpstreamAccount } from '../upstream.ts'
import { buildUpstreamUrl } from '../url.ts'
import { showAnswer } from './redact-answer.ts'
import { watchStream } from './watch-stream.ts'

/** Who is asked. */
export interface ProbeTarget {
  readonly sender: Sender
  readonly account: UpstreamAccount
  readonly credential: string | undefined
  /** The account's proxy and certificate authority. */
  readonly route?: UpstreamRoute | undefined
  readonly signal?: AbortSignal | undefined
}

/** One small request. */
export interface ProbeCall {
  readonly apiFormat: ApiFormat
  readonly baseUrl: string
  /** Below the endpoint, e.g. `/count_tokens`. */
  readonly suffix?: string | undefined
  /** JSON. */
  readonly body: string
  readonly isStream: boolean
}

/** What came back. */
export type ProbeReply =
  | {
      readonly type: 'answered'
      readonly status: number
      readonly body: Uint8Array
      readonly text: string
      /** The beginning of the answer, redacted. */
      readonly received: string
      readonly latencyMs: number
    }
  | { readonly type: 'failed'; readonly hasHeaders: boolean; readonly message: string; readonly latencyMs: number }

/** Small answers only: a test is not for reading novels, nor for waiting for them. */
const MAX_ANSWER_BYTES = 1024 * 1024
const MAX_ANSWER_MS = 60_000

/** Sends one small request with the account's own credential; never rejects. */
export async function sendProbe(target: ProbeTarget, call: ProbeCall): Promise<ProbeReply> {
  const { sender, account, credential, route, signal } = target
  const { apiFormat, baseUrl, suffix, body, isStream } = call
  const startedAt = performance.now()
  const result = await sender.sendWhole(
    {
      poolKey: account.id,
      method: 'POST',
      url: buildUpstreamUrl(baseUrl, apiFormat, { suffix }),
      headers: buildRequestHeaders({
        account,
        apiFormat,
        credential,
        isSameFormat: false,
        clientHeaders: {},
        isStream,
      }),
      body,
      ...route,
      timeouts: probeTimeouts(account),
    },
    { maxBytes: MAX_ANSWER_BYTES, watch: watchStream(isStream), ...(signal === undefined ? {} : { signal }) },
  )
  const latencyMs = Math.round(performance.now() - startedAt)
  if (!result.ok) {
    const { message, hasHeaders } = result.failure
    return { type: 'failed', hasHeaders, message, latencyMs }
  }
  const { status, body: bytes } = result.answer
  const text = Buffer.from(bytes).toString('utf8')
  return { type: 'answered', status, body: bytes, text, received: showAnswer(text, credential), latencyMs }
}

/** A test does not wait minutes for its headers, nor for its end. */
function probeTimeouts(account: UpstreamAccount): ExchangeTimeouts {
  const timeouts = exchangeTimeouts(account.timeouts, true)
  return { ...timeouts, totalMs: Math.min(timeouts.totalMs || MAX_ANSWER_MS, MAX_ANSWER_MS) }
}
