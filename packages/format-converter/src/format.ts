import { anthropicMessages } from './anthropic-messages/index.ts'
import type { Codec } from './codec.ts'
import { ConversionError } from './conversion-error.ts'
import type { FormatName } from './model/format-name.ts'
import { openaiChat } from './openai-chat/index.ts'
import { openaiResponses } from './openai-responses/index.ts'

/** Every format that has a codec. A new format is one folder and one line here. */
export const codecs: { readonly [Format in FormatName]?: Codec } = {
  'anthropic-messages': anthropicMessages,
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
}

/** The codec of a format; a format without one is refused by name. */
export function codecFor(format: FormatName): Codec {
  const codec = Object.hasOwn(codecs, format) ? codecs[format] : undefined
  if (codec !== undefined) return codec
  throw new ConversionError(
    'unsupported_feature',
    `format ${JSON.stringify(format)} has no codec; known: ${Object.keys(codecs).join(', ')}`,
  )
}
