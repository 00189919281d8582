/**
 * The conversion without any format: codecs are handed in, so that a bundle holds no format that it does not use. Each
 * format is an entry of its own: `./anthropic-messages`, `./openai-chat`, `./openai-responses`.
 *
 * @packageDocumentation
 */
import { createCodecBook } from './codec-book.ts'
import type { Codec } from './codec.ts'
import type { ConverterOptions } from './convert/converter-options.ts'
import { createConverterWith, type Converter } from './convert/converter.ts'
import type { FormatName } from './model/format-name.ts'

/** {@link ConverterOptions}, and the codecs of its two formats. */
export interface CoreOptions<
  Client extends FormatName = FormatName,
  Upstream extends FormatName = FormatName,
> extends ConverterOptions<Client, Upstream> {
  /** An answer that turns out to be of a format that is not among them is read as one of the upstream's. */
  readonly codecs: readonly Codec[]
}

/**
 * Builds a converter for one pair of formats from their codecs. It holds no state between exchanges.
 *
 * @throws ConversionError `unsupported_feature` when the codec of one of the formats is missing
 */
export function createConverter<Client extends FormatName, Upstream extends FormatName>(
  options: CoreOptions<Client, Upstream>,
): Converter<Client, Upstream>
export function createConverter({ codecs, ...init }: CoreOptions): Converter {
  return createConverterWith(createCodecBook(codecs), init)
}

export { ConversionError } from './conversion-error.ts'
export { profiles } from './adapt/profiles.ts'
export { parseBody, toJsonText } from './wire/raw-json.ts'
export type { Codec } from './codec.ts'
export type { Converter } from './convert/converter.ts'
export type { ConverterOptions } from './convert/converter-options.ts'
export type { CarriedExchange, Exchange, ExchangeInit, SentExchange } from './convert/open-exchange.ts'
export type { Loss } from './model/loss.ts'
