import { chosen } from '../chosen.ts'
import type { CodecBook } from '../codec-book.ts'
import { ConversionError } from '../conversion-error.ts'
import { estimateTokens } from '../count/estimate-tokens.ts'
import type { CountInputOf, RequestInputOf } from '../format-types.ts'
import type { FormatName } from '../model/format-name.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { DEFAULT_OPTIONS } from '../options.ts'
import type { ConverterOptions } from './converter-options.ts'
import { createCountExchange, type CountExchange } from './count-exchange.ts'
import {
  type CarriedExchange,
  type Exchange,
  type ExchangeInit,
  modelOf,
  openExchange,
  type Opening,
  type Pair,
  profileFor,
  resumeExchange,
  type SentExchange,
} from './open-exchange.ts'

/** Converts the exchanges of one pair of formats. */
export interface Converter<Client extends FormatName = FormatName, Upstream extends FormatName = FormatName> {
  /** Client and upstream speak the same format: bodies pass untouched. */
  readonly identity: boolean
  /**
   * Converts a request and prepares the way back.
   *
   * @throws ConversionError with kind, message and JSON Pointer
   */
  exchange(body: RequestInputOf<Client>, init?: ExchangeInit): Exchange<Client, Upstream>
  /**
   * Like {@link exchange}, but first looks up in the converter's `store` what the request refers to:
   * `previous_response_id` and `item_reference`. On the same format the upstream knows what is meant. A long conversion
   * may have pauses, see {@link ExchangeInit.pause}.
   *
   * @throws ConversionError as {@link exchange} does, and `previous_response_not_found`
   */
  exchangeAsync(body: RequestInputOf<Client>, init?: ExchangeInit): Promise<Exchange<Client, Upstream>>
  /**
   * Goes on with an exchange whose request a converter of the same choices has converted, in another thread say: long
   * bodies hold up nobody there.
   */
  resume(carried: CarriedExchange): SentExchange<Client>
  /**
   * A request in the client's format that is to be counted: what its upstream is asked, and an estimate. Lazy: a body that
   * is wrong shows when it is looked at.
   *
   * @throws ConversionError when the body is no object
   */
  count(body: CountInputOf<Client>, init?: Pick<ExchangeInit, 'model'>): CountExchange<Upstream>
}

/** Builds a converter for one pair of formats from the codecs of a book. */
export function createConverterWith(codecs: CodecBook, init: ConverterOptions): Converter {
  const pair: Pair = {
    init,
    codecs,
    client: codecs.get(init.client),
    upstream: codecs.get(init.upstream),
    options: init.options === undefined ? DEFAULT_OPTIONS : { ...DEFAULT_OPTIONS, ...chosen(init.options) },
    identity: init.client === init.upstream,
  }
  return {
    identity: pair.identity,
    exchange: (body, exchangeInit = {}) => openExchange(pair, { ...exchangeInit, body: requireObject(body) }),
    exchangeAsync: async (body, exchangeInit = {}) =>
      openExchange(pair, await resolved(pair, { ...exchangeInit, body: requireObject(body) })),
    resume: (carried) => resumeExchange(pair, carried),
    count: (body, countInit = {}) => countWith(pair, requireObject(body), countInit.model),
  }
}

/** The answer still repeats what the client wrote. */
async function resolved({ init, client, identity }: Pair, opening: Opening): Promise<Opening> {
  const { body } = opening
  if (identity || init.store === undefined || client.resolveState === undefined) return opening
  const whole = await client.resolveState(body, init.store)
  if (whole === body) return opening
  const repeats = { previous_response_id: body['previous_response_id'], ...opening.repeats }
  return { ...opening, body: whole, repeats }
}

function countWith(pair: Pair, body: JsonObject, mapped: string | undefined): CountExchange {
  const { estimate = estimateTokens, hash, seals } = pair.init
  const model = mapped ?? modelOf(body)
  const profile = profileFor(pair, model)
  return createCountExchange({ ...pair, estimate, hash, issuer: seals?.issuer, profile, body, model })
}

function requireObject(body: unknown): JsonObject {
  if (isJsonObject(body)) return body
  throw new ConversionError('invalid_request', 'the body must be a JSON object', { param: '' })
}
