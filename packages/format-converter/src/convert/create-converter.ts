import { allCodecs } from '../format.ts'
import type { FormatName } from '../model/format-name.ts'
import type { ConverterOptions } from './converter-options.ts'
import { createConverterWith, type Converter } from './converter.ts'

/** Builds a converter for one pair of formats. It holds no state between exchanges. */
export function createConverter<Client extends FormatName, Upstream extends FormatName>(
  init: ConverterOptions<Client, Upstream>,
): Converter<Client, Upstream>
export function createConverter(init: ConverterOptions): Converter {
  return createConverterWith(allCodecs, init)
}
