import { anthropicMessages } from './anthropic-messages/index.ts'
import { createCodecBook, type CodecBook } from './codec-book.ts'
import type { Codec } from './codec.ts'
import type { FormatName } from './model/format-name.ts'
import { openaiChat } from './openai-chat/index.ts'
import { openaiResponses } from './openai-responses/index.ts'

/** Every format that has a codec. A new format is one folder and one line here. */
export const codecs: { readonly [Format in FormatName]?: Codec } = {
  'anthropic-messages': anthropicMessages,
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
}

/** All codecs there are. */
export const allCodecs: CodecBook = /* @__PURE__ */ createCodecBook([anthropicMessages, openaiChat, openaiResponses])

/** The codec of a format; a format without one is refused by name. */
export function codecFor(format: FormatName): Codec {
  return allCodecs.get(format)
}
