import type {
  MessagesAnswer,
  MessagesCountRequest,
  MessagesErrorBody,
  MessagesEvent,
  MessagesRequest,
  MessagesUsage,
} from './anthropic-messages/body-types.ts'
import type { FormatName } from './model/format-name.ts'
import type { JsonObject } from './model/json.ts'
import type {
  ChatCompletionAnswer,
  ChatCompletionEvent,
  ChatCompletionRequest,
  ChatCompletionUsage,
  OpenAiErrorBody,
} from './openai-chat/body-types.ts'
import type {
  ResponsesAnswer,
  ResponsesCountRequest,
  ResponsesEvent,
  ResponsesRequest,
  ResponsesUsage,
} from './openai-responses/body-types.ts'

/**
 * Open registry of the types of bodies, by format. Empty until a user names types for a format, usually those of its SDK;
 * from then on every function of this package takes and gives them for that format.
 *
 * @example
 * declare module '@relay/format-converter' {
 *   interface FormatTypes {
 *     'openai-chat': { request: OpenAI.ChatCompletionCreateParams; response: OpenAI.ChatCompletion }
 *   }
 * }
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- it is there to be filled from outside
export interface FormatTypes {}

/** Body of a request. */
export type RequestOf<Format extends FormatName> = TypeOf<Format, 'request'>

/** Body of a whole answer. */
export type ResponseOf<Format extends FormatName> = TypeOf<Format, 'response'>

/** Parsed data of one event of a stream. */
export type EventOf<Format extends FormatName> = TypeOf<Format, 'event'>

/** Body of an error answer. */
export type ErrorOf<Format extends FormatName> = TypeOf<Format, 'error'>

/** The token counts of an answer. */
export type UsageOf<Format extends FormatName> = TypeOf<Format, 'usage'>

/**
 * What may be given as a request: the registered type, where there is one. Else also any JSON object, because every body
 * is checked when it is read; and anything at all where the format is known at run time only.
 */
export type RequestInputOf<Format extends FormatName> = InputOf<Format, 'request'>

/** What may be given to be counted; like {@link RequestInputOf}. */
export type CountInputOf<Format extends FormatName> = InputOf<Format, 'count'>

/** The types that hold until a user registers others. */
interface OwnTypes {
  'anthropic-messages': {
    request: MessagesRequest
    response: MessagesAnswer
    event: MessagesEvent
    error: MessagesErrorBody
    usage: MessagesUsage
    count: MessagesCountRequest
  }
  'openai-chat': {
    request: ChatCompletionRequest
    response: ChatCompletionAnswer
    event: ChatCompletionEvent
    error: OpenAiErrorBody
    usage: ChatCompletionUsage
    count: ChatCompletionRequest
  }
  'openai-responses': {
    request: ResponsesRequest
    response: ResponsesAnswer
    event: ResponsesEvent
    error: OpenAiErrorBody
    usage: ResponsesUsage
    count: ResponsesCountRequest
  }
}

type Piece = 'request' | 'response' | 'event' | 'error' | 'usage' | 'count'

/** `[FormatName] extends [Format]` asks whether the format is known at run time only; then a body is just JSON. */
type TypeOf<Format extends FormatName, Name extends Piece> = [FormatName] extends [Format]
  ? JsonObject
  : Registered<Format, Name, OwnTypeOf<Format, Name>>

type InputOf<Format extends FormatName, Name extends Piece> = [FormatName] extends [Format]
  ? unknown
  : Registered<Format, Name, OwnTypeOf<Format, Name> | JsonObject>

type Registered<Format extends FormatName, Name extends Piece, Otherwise> = Format extends keyof FormatTypes
  ? FormatTypes[Format] extends Readonly<Record<Name, infer Type>>
    ? Type
    : Otherwise
  : Otherwise

type OwnTypeOf<Format extends FormatName, Name extends Piece> = Format extends keyof OwnTypes
  ? OwnTypes[Format][Name]
  : JsonObject
