/** The vendors' own types, under the names that their JSON schemas get. `write-schemas.ts` reads this file. */
import type {
  Message,
  MessageCreateParamsBase,
  RawMessageStreamEvent,
} from '@anthropic-ai/sdk/resources/messages/messages'
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParamsBase,
} from 'openai/resources/chat/completions/completions'
import type { Response, ResponseCreateParamsBase, ResponseStreamEvent } from 'openai/resources/responses/responses'

export type MessagesRequest = MessageCreateParamsBase
export type MessagesAnswer = Message
export type MessagesEvent = RawMessageStreamEvent
export type ChatRequest = ChatCompletionCreateParamsBase
export type ChatAnswer = ChatCompletion
export type ChatEvent = ChatCompletionChunk
export type ResponsesRequest = ResponseCreateParamsBase
export type ResponsesAnswer = Response
export type ResponsesEvent = ResponseStreamEvent
