import type { CacheMark, ContentPart } from './content-part.ts'
import type { FormatName } from './format-name.ts'
import type { JsonObject, JsonValue } from './json.ts'
import type { VendorField } from './vendor-field.ts'

export type { VendorField } from './vendor-field.ts'

/** `operator` = system or developer, at any position; leading operator turns are the system prompt. */
export type Role = 'user' | 'assistant' | 'operator'

/** What one side says without interruption. */
export interface Turn {
  readonly role: Role
  readonly parts: readonly ContentPart[]
  /** JSON Pointer to the message in the client's body. */
  readonly path: string
  /** Members of the message that only its vendor knows; targets of other formats lose them. */
  readonly vendorFields?: readonly VendorField[]
}

/** A function that the client executes. */
export interface FunctionTool {
  readonly type: 'function'
  readonly name: string
  readonly namespace?: string
  readonly description?: string
  /** JSON Schema of the arguments; `undefined` = the client gave none. */
  readonly parameters?: JsonObject
  readonly strict?: boolean
  /** Anthropic `input_examples`. */
  readonly examples?: readonly JsonValue[]
  /**
   * The client declared a vendor-defined client tool (`bash_20250124`, …): name, description and parameters above are
   * its documented schema, `raw` is the declaration for targets of the same format.
   */
  readonly vendor?: { readonly format: FormatName; readonly raw: JsonObject }
  readonly cacheMark?: CacheMark
  readonly path: string
  /** Members of the declaration that only its vendor knows; targets of other formats lose them. */
  readonly vendorFields?: readonly VendorField[]
}

/** A tool whose input is free text, optionally bound by a grammar. */
export interface CustomTool {
  readonly type: 'custom'
  readonly name: string
  readonly namespace?: string
  readonly description?: string
  readonly grammar?: { readonly syntax: string; readonly definition: string }
  readonly path: string
  /** Members of the declaration that only its vendor knows; targets of other formats lose them. */
  readonly vendorFields?: readonly VendorField[]
}

/** A tool that the vendor runs (web search, code execution, MCP …). */
export interface ServerTool {
  readonly type: 'server'
  readonly format: FormatName
  /** Vendor-neutral kind where there is one. */
  readonly kind:
    | 'web-search'
    | 'web-fetch'
    | 'code-execution'
    | 'tool-search'
    | 'programmatic-calls'
    | 'mcp'
    | 'file-search'
    | 'image-generation'
    | 'computer'
    | 'other'
  /** The name a model calls it by, e.g. `web_search`. */
  readonly name: string
  readonly raw: JsonObject
  /** What stands for the tool in another list of the request, and the beta that it needs (Anthropic's MCP servers). */
  readonly beside?: { readonly member: string; readonly entry: JsonObject; readonly beta: string }
  readonly path: string
}

/** Something that a model may call. */
export type Tool = FunctionTool | CustomTool | ServerTool

/** Which tools the model may or must call. */
export type ToolChoice =
  | { readonly type: 'auto' }
  | { readonly type: 'none' }
  | { readonly type: 'required' }
  /** `isHosted` = a tool that the vendor runs, which the choice names by its kind. */
  | { readonly type: 'tool'; readonly name: string; readonly namespace?: string; readonly isHosted?: boolean }
  | { readonly type: 'allowed'; readonly mode: 'auto' | 'required'; readonly names: readonly string[] }

/** Effort ladder, weakest first. */
export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

/** The wish for reasoning, in the words of every vendor at once. */
export interface Reasoning {
  /** `off` and `on` are explicit wishes; `default` = only details were given. */
  readonly mode: 'default' | 'off' | 'on'
  /** `adaptive` when the client left the amount to the model; `between-tools` likewise (Anthropic). */
  readonly style?: 'adaptive' | 'between-tools' | 'budget'
  readonly effort?: Effort
  readonly budgetTokens?: number
  /** What of the reasoning the client wants to see. */
  readonly visibility?: 'omitted' | 'summary' | 'detailed'
}

/** The shape that the answer's text must have. */
export type OutputFormat =
  | {
      readonly type: 'json-schema'
      readonly name?: string
      readonly description?: string
      readonly schema: JsonObject
      readonly strict?: boolean
    }
  | { readonly type: 'json-object' }
  | { readonly type: 'text' }

/** Every scalar wish of a request that has a vendor-neutral meaning. */
export interface RequestParameters {
  readonly maxOutputTokens: number
  readonly stop: readonly string[]
  readonly maxToolCalls: number
  readonly toolChoice: ToolChoice
  readonly parallelToolCalls: boolean
  readonly temperature: number
  readonly topP: number
  readonly topK: number
  readonly seed: number
  readonly frequencyPenalty: number
  readonly presencePenalty: number
  readonly logitBias: JsonObject
  readonly reasoning: Reasoning
  readonly outputFormat: OutputFormat
  readonly verbosity: 'low' | 'medium' | 'high'
  /** Number of alternatives per token; 0 = only the chosen token. */
  readonly logprobs: number
  /** OpenAI `n`. */
  readonly choices: number
  readonly modalities: readonly string[]
  readonly audioOutput: JsonObject
  readonly prediction: JsonObject
  readonly webSearchOptions: JsonObject
  readonly automaticCache: CacheMark
  readonly cacheKey: string
  readonly cacheRetention: string
  readonly cacheOptions: JsonObject
  /** Anthropic `metadata.user_id`, OpenAI `user`. */
  readonly userId: string
  readonly safetyIdentifier: string
  readonly metadata: JsonObject
  readonly serviceTier: string
  readonly fastMode: boolean
  readonly previousResponseId: string
  readonly conversation: JsonValue
  readonly store: boolean
  readonly background: boolean
  readonly truncation: string
  readonly contextManagement: JsonValue
  readonly include: readonly string[]
  readonly reasoningSummary: string
  /** OpenAI Chat `stream_options.include_usage`. */
  readonly streamUsage: boolean
}

/** A parameter with the place it came from, so that a loss can name it. */
export interface Parameter<Value> {
  readonly value: Value
  /** JSON Pointer into the client's body. */
  readonly path: string
}

/** The parameters a client gave; an absent member was not given. */
export type Parameters = { readonly [Name in keyof RequestParameters]?: Parameter<RequestParameters[Name]> }

/**
 * A request in neutral form: what every format's decoder makes and every format's encoder reads. Richer than each
 * format, so that nothing is lost on the way in.
 */
export interface ChatRequest {
  /** The format it was decoded from. */
  readonly format: FormatName
  readonly model: string
  readonly stream: boolean
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  readonly parameters: Parameters
  readonly vendorFields: readonly VendorField[]
  /** The client used the legacy `functions` fields; the answer must come back in their form. */
  readonly usesLegacyFunctions?: boolean
}

/** JSON Pointer to the whole conversation in the client's body, for what concerns no single message. */
export function conversationPath({ format }: ChatRequest): string {
  return format === 'openai-responses' ? '/input' : '/messages'
}
