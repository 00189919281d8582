import type { Codec } from './codec.ts'
import { ConversionError } from './conversion-error.ts'
import type { FormatName } from './model/format-name.ts'

/** The codecs that a converter can use. */
export interface CodecBook {
  has(format: FormatName): boolean
  /** @throws ConversionError `unsupported_feature` that names the formats there are */
  get(format: FormatName): Codec
}

export function createCodecBook(codecs: readonly Codec[]): CodecBook {
  const find = (format: FormatName): Codec | undefined => codecs.find((codec) => codec.format === format)
  return {
    has: (format) => find(format) !== undefined,
    get: (format) => {
      const codec = find(format)
      if (codec !== undefined) return codec
      const known = codecs.map((candidate) => candidate.format).join(', ')
      const message = `format ${JSON.stringify(format)} has no codec; known: ${known}`
      throw new ConversionError('unsupported_feature', message)
    },
  }
}
