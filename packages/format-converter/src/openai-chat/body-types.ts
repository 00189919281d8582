/**
 * The bodies of the Chat Completions API as far as Relay promises them, for callers who bring no types of their own.
 *
 * Requests are loose where vendors differ, so that the SDK's own types fit; answers name what Relay writes. An upstream of
 * the same format may answer more.
 *
 * @remarks Source: type declarations of the npm package `openai` 7.57.0, `resources/chat/completions`.
 */

/** What a client asks. */
export interface ChatCompletionRequest {
  readonly model: string
  readonly messages: readonly { readonly role: string }[]
  readonly stream?: boolean | null | undefined
  readonly stream_options?: object | null | undefined
  readonly max_tokens?: number | null | undefined
  readonly max_completion_tokens?: number | null | undefined
  readonly temperature?: number | null | undefined
  readonly top_p?: number | null | undefined
  readonly stop?: string | readonly string[] | null | undefined
  readonly seed?: number | null | undefined
  readonly tools?: readonly object[] | undefined
  readonly tool_choice?: string | object | undefined
  readonly parallel_tool_calls?: boolean | undefined
  readonly reasoning_effort?: string | null | undefined
  readonly response_format?: object | undefined
}

/** A whole answer. */
export interface ChatCompletionAnswer {
  readonly id: string
  readonly object: 'chat.completion'
  /** Unix time in seconds. */
  readonly created: number
  readonly model: string
  readonly choices: readonly ChatCompletionChoice[]
  readonly usage?: ChatCompletionUsage | undefined
}

interface ChatCompletionChoice {
  readonly index: number
  readonly message: {
    readonly role: 'assistant'
    readonly content: string | null
    readonly refusal?: string | null | undefined
    readonly reasoning_content?: string | null | undefined
    readonly tool_calls?: readonly ChatToolCall[] | undefined
  }
  readonly finish_reason: string
}

interface ChatToolCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

/** Token counts; cached input is part of the prompt. */
export interface ChatCompletionUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  readonly prompt_tokens_details?: { readonly cached_tokens?: number | undefined } | null | undefined
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number | undefined } | null | undefined
}

/** One event of a stream; the last one is the word `[DONE]`, which is no JSON. */
export type ChatCompletionEvent = ChatCompletionChunk | '[DONE]'

interface ChatCompletionChunk {
  readonly id: string
  readonly object: 'chat.completion.chunk'
  readonly created: number
  readonly model: string
  readonly choices: readonly ChatCompletionDelta[]
  readonly usage?: ChatCompletionUsage | null | undefined
}

interface ChatCompletionDelta {
  readonly index: number
  readonly delta: {
    readonly role?: 'assistant' | undefined
    readonly content?: string | null | undefined
    readonly reasoning_content?: string | null | undefined
    readonly tool_calls?: readonly (Partial<ChatToolCall> & { readonly index: number })[] | undefined
  }
  readonly finish_reason: string | null
}

/** An error; all four members are always there. */
export interface OpenAiErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string | null
  }
}
