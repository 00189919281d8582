/**
 * The bodies of the Messages API as far as Relay promises them, for callers who bring no types of their own.
 *
 * Requests are loose where vendors differ, so that the SDK's own types fit; answers name what Relay writes. An upstream of
 * the same format may answer more.
 *
 * @remarks Source: type declarations of the npm package `@anthropic-ai/sdk` 1.12.0, `resources/messages`.
 */

/** What a client asks. */
export interface MessagesRequest extends MessagesCountRequest {
  /** Largest answer in tokens. */
  readonly max_tokens: number
  readonly stream?: boolean | undefined
  readonly stop_sequences?: readonly string[] | undefined
  readonly temperature?: number | undefined
  readonly top_p?: number | undefined
  readonly top_k?: number | undefined
  readonly metadata?: object | undefined
  readonly service_tier?: string | undefined
}

/** What a client asks when it only wants the tokens counted. */
export interface MessagesCountRequest {
  readonly model: string
  readonly messages: readonly { readonly role: string; readonly content: string | readonly object[] }[]
  readonly system?: string | readonly object[] | undefined
  readonly tools?: readonly object[] | undefined
  readonly tool_choice?: object | undefined
  readonly thinking?: object | undefined
  readonly output_config?: object | undefined
}

/** A whole answer. */
export interface MessagesAnswer {
  readonly id: string
  readonly type: 'message'
  readonly role: 'assistant'
  readonly model: string
  readonly content: readonly MessagesBlock[]
  readonly stop_reason: string | null
  readonly stop_sequence: string | null
  readonly usage: MessagesUsage
}

type MessagesBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown }

/** Token counts; the input classes do not overlap. */
export interface MessagesUsage {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_input_tokens?: number | null | undefined
  readonly cache_creation_input_tokens?: number | null | undefined
}

/** One event of a stream. */
export type MessagesEvent =
  | { readonly type: 'message_start'; readonly message: MessagesAnswer }
  | { readonly type: 'content_block_start'; readonly index: number; readonly content_block: MessagesBlock }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: MessagesDelta }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | {
      readonly type: 'message_delta'
      readonly delta: Pick<MessagesAnswer, 'stop_reason' | 'stop_sequence'>
      readonly usage: MessagesUsage
    }
  | { readonly type: 'message_stop' }
  | { readonly type: 'ping' }
  | MessagesErrorBody

type MessagesDelta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string }

/** An error, as body or as event. */
export interface MessagesErrorBody {
  readonly type: 'error'
  readonly error: { readonly type: string; readonly message: string }
  readonly request_id?: string | null | undefined
}
