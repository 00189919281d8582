import { carelessChat } from './careless-chat.ts'
import { carelessMessages } from './careless-messages.ts'
import { carelessResponses } from './careless-responses.ts'
import type { CarelessStream } from './careless.ts'
import type { Format } from './pairs.ts'

const MAKERS: { readonly [Name in Format]: (seed: number) => CarelessStream } = {
  'anthropic-messages': carelessMessages,
  'openai-chat': carelessChat,
  'openai-responses': carelessResponses,
}

/** A stream of a careless server that speaks this format. */
export function carelessStream(format: Format, seed: number): CarelessStream {
  return MAKERS[format](seed)
}
