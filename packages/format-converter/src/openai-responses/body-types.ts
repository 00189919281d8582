/**
 * The bodies of the Responses API as far as Relay promises them, for callers who bring no types of their own.
 *
 * Requests are loose where vendors differ, so that the SDK's own types fit; answers name what Relay writes. An upstream of
 * the same format may answer more.
 *
 * @remarks Source: type declarations of the npm package `openai` 7.57.0, `resources/responses`.
 */

/** What a client asks. */
export interface ResponsesRequest extends ResponsesCountRequest {
  readonly stream?: boolean | null | undefined
  readonly store?: boolean | null | undefined
  readonly max_output_tokens?: number | null | undefined
  readonly temperature?: number | null | undefined
  readonly top_p?: number | null | undefined
  readonly include?: readonly string[] | null | undefined
  readonly metadata?: object | null | undefined
}

/** What a client asks when it only wants the tokens counted. */
export interface ResponsesCountRequest {
  readonly model?: string | null | undefined
  readonly input?: string | readonly object[] | null | undefined
  readonly instructions?: string | null | undefined
  readonly tools?: readonly object[] | null | undefined
  readonly tool_choice?: string | object | null | undefined
  readonly parallel_tool_calls?: boolean | null | undefined
  readonly reasoning?: object | null | undefined
  readonly text?: object | null | undefined
  readonly previous_response_id?: string | null | undefined
}

/** A whole answer. */
export interface ResponsesAnswer {
  readonly id: string
  readonly object: 'response'
  /** Unix time in seconds. */
  readonly created_at: number
  readonly status?: string | undefined
  readonly model: string
  readonly output: readonly ResponsesItem[]
  readonly error: object | null
  readonly incomplete_details: { readonly reason?: string | undefined } | null
  readonly usage?: ResponsesUsage | null | undefined
}

type ResponsesItem =
  | {
      readonly type: 'message'
      readonly id: string
      readonly role: 'assistant'
      readonly status: string
      readonly content: readonly ResponsesContent[]
    }
  | {
      readonly type: 'reasoning'
      readonly id: string
      readonly summary: readonly { readonly type: 'summary_text'; readonly text: string }[]
      readonly encrypted_content?: string | null | undefined
    }
  | {
      readonly type: 'function_call'
      readonly call_id: string
      readonly name: string
      readonly arguments: string
      readonly namespace?: string | undefined
    }
  | { readonly type: 'custom_tool_call'; readonly call_id: string; readonly name: string; readonly input: string }

type ResponsesContent =
  | { readonly type: 'output_text'; readonly text: string; readonly annotations: readonly object[] }
  | { readonly type: 'refusal'; readonly refusal: string }

/** Token counts; cached input is part of the input. */
export interface ResponsesUsage {
  readonly input_tokens: number
  readonly input_tokens_details: { readonly cached_tokens: number }
  readonly output_tokens: number
  readonly output_tokens_details: { readonly reasoning_tokens: number }
  readonly total_tokens: number
}

/** One event of a stream; its other members depend on `type`. */
export interface ResponsesEvent {
  readonly type: string
  readonly sequence_number: number
  readonly [member: string]: unknown
}
