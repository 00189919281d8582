import type { UpstreamProfile } from '../adapt/profile.ts'
import type { Codec } from '../codec.ts'
import type { RequestOf } from '../format-types.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import type { FormatName } from '../model/format-name.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { readTokenCount } from '../model/usage.ts'
import type { ConversionOptions } from '../options.ts'
import { encodeForUpstream } from './convert-request.ts'
import { createLossLedger } from './loss-ledger.ts'
import { DEEP_REQUEST, withinDepth } from './within-depth.ts'

/** A count as the client asked for it. */
export interface CountAnswer {
  readonly inputTokens: number
  readonly isEstimated: boolean
  /** In the client's words; `undefined` where its format has none (Chat). */
  readonly body: JsonObject | undefined
}

/** What an upstream is asked to count a request. */
export interface CountQuestion<Upstream extends FormatName = FormatName> {
  readonly request: RequestOf<Upstream>
  /** Endpoint below the version segment, e.g. `/messages/count_tokens`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** A request that is to be counted: by its upstream, where that can, or by estimate. */
export interface CountExchange<Upstream extends FormatName = FormatName> {
  /** The estimate. */
  readonly inputTokens: number
  /**
   * What the upstream is to be asked; `undefined` where its format has no words for it.
   *
   * @throws ConversionError when the request cannot be carried
   */
  question(): CountQuestion<Upstream> | undefined
  /** The upstream's answer for the client; `undefined` when it holds no count, as with 404 and 405. */
  response(body: unknown): CountAnswer | undefined
  /** The estimate for the client. */
  estimate(): CountAnswer
}

export interface CountInit {
  readonly client: Codec
  readonly upstream: Codec
  readonly profile: UpstreamProfile
  readonly options: ConversionOptions
  readonly estimate: (request: ChatRequest) => number
  readonly body: JsonObject
  /** The model to send. */
  readonly model: string
  readonly issuer?: string | undefined
  readonly hash?: ((text: string) => string) | undefined
}

export function createCountExchange(init: CountInit): CountExchange {
  const { client, body } = init
  let estimated: number | undefined
  const inputTokens = (): number => {
    estimated ??= withinDepth(DEEP_REQUEST, () =>
      init.estimate(client.decodeRequest(body, { report: () => {}, isCount: true })),
    )
    return estimated
  }
  const answer = (count: number, isEstimated: boolean): CountAnswer => ({
    inputTokens: count,
    isEstimated,
    body: client.counting?.encodeCount(count),
  })
  return {
    get inputTokens() {
      return inputTokens()
    },
    question: () => questionOf(init),
    response: (counted) => {
      const count = isJsonObject(counted) ? readTokenCount(counted['input_tokens']) : undefined
      return count === undefined ? undefined : answer(count, false)
    },
    estimate: () => answer(inputTokens(), true),
  }
}

function questionOf(init: CountInit): CountQuestion | undefined {
  const { client, upstream, body, model } = init
  const { counting } = upstream
  if (counting === undefined) return undefined
  const { endpoint: path, members } = counting
  if (client === upstream) return { request: { ...body, model }, path, headers: {} }
  // A count loses nothing that an answer would show.
  const ledger = createLossLedger({ client: client.format, upstream: upstream.format })
  const encoded = encodeForUpstream(body, { ...init, policy: 'allow', ledger, isCount: true })
  const request = Object.fromEntries(Object.entries(encoded.body).filter(([name]) => members.includes(name)))
  return { request, path, headers: encoded.headers }
}
