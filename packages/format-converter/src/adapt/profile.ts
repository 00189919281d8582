import type { Effort } from '../model/chat-request.ts'
import type { FormatName } from '../model/format-name.ts'

/** What one model accepts and can do. Unknown models get the cautious row of the shipped table. */
export interface ModelCapabilities {
  /** Largest `max_tokens` the model takes; `undefined` = not known, nothing is clamped. */
  readonly maxOutputTokens?: number
  /** `rejected` = `temperature` ≠ 1, `top_p` < 0.99 and `top_k` are refused; `reasoning-rules` = OpenAI reasoning models. */
  readonly sampling: 'allowed' | 'rejected' | 'reasoning-rules'
  /** `temperature` and `top_p` together are refused. */
  readonly rejectsTemperatureWithTopP?: boolean
  /** Thinking types of an Anthropic target; `any` = pass through. */
  readonly thinkingTypes: 'any' | readonly ('adaptive' | 'enabled' | 'disabled')[]
  readonly thinkingDefault: 'on' | 'off' | 'unknown'
  /** Effort levels the model takes; `any` = pass through. */
  readonly efforts: 'any' | readonly Effort[]
  readonly defaultEffort: Effort
  /** `thinking: disabled` with an effort above `high` is refused. */
  readonly disabledThinkingLimitsEffort?: boolean
  /** A system message may stand inside the conversation (Messages). */
  readonly midSystem: boolean
  /** The last message may be the assistant's. */
  readonly prefill: boolean
  readonly structuredOutput: boolean
  /** `stop` is accepted. */
  readonly stop: boolean
  readonly forcedToolChoiceWithThinking: boolean
  /** An OpenAI reasoning model: `developer` role, `max_completion_tokens`, no penalties. */
  readonly isReasoningModel: boolean
}

/** What one upstream's dialect of its format accepts. Plain data, so that a panel can show and override each flag. */
export interface UpstreamDialect {
  /** Field in which reasoning text comes back. */
  readonly reasoningField: 'reasoning_content' | 'reasoning' | 'none'
  /** How earlier reasoning is sent back. */
  readonly reasoningReplay: 'none' | 'reasoning_content' | 'reasoning_details'
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens' | 'auto'
  readonly systemRole: 'system' | 'developer' | 'auto'
  /** System messages are accepted inside the conversation (Chat, Responses), and several at its beginning. */
  readonly lateSystem: boolean
  /** `stream_options.include_usage` is understood. */
  readonly includeUsage: boolean
  /** Reasoning comes as `<think>…</think>` at the start of the content. */
  readonly thinkTags: boolean
  /** Tool arguments may be repeated whole. */
  readonly repeatsArguments: boolean
  /** Tool names may come in fragments. */
  readonly nameFragments: boolean
  /** A stream that just ends, with content and no open call, is complete. */
  readonly lenientEnd: boolean
  readonly contentMustBeString: boolean
  readonly nullContent: 'null' | 'empty' | 'omit'
  /** Documents are accepted as `file` parts, or in the form that `documentLinks` names. */
  readonly files: boolean
  /** How a document by URL is sent: not at all, as the `file_data` of a file (OpenRouter), as `document_url` (Mistral). */
  readonly documentLinks: 'none' | 'file_data' | 'document_url'
  /** Images are accepted inside tool results. */
  readonly toolResultImages: boolean
  /** An empty tool result is refused. */
  readonly rejectsEmptyToolResult: boolean
  /** `prompt_cache_breakpoint` is understood. */
  readonly explicitCache: boolean
  /** A Responses upstream warms its prompt cache without an answer (`prompt_cache_options.prewarm`). */
  readonly prewarm: boolean
  /** Beta under which an Anthropic target shortens a conversation by itself; `''` = it does not. */
  readonly compactionBeta: string
  readonly anthropicVersion: string
  readonly betas: readonly string[]
  readonly idLimit: number
  readonly nameLimit: number
  readonly topK: boolean
  readonly customTools: boolean
  /** The upstream searches the web: `web_search_options` in Chat, the tool `web_search` in Responses. */
  readonly webSearchOptions: boolean
  readonly strictTools: boolean
  /** `safety_identifier` is understood; otherwise the hashed identity goes into `user`. */
  readonly safetyIdentifier: boolean
  /** `user` is understood; strict servers refuse it. */
  readonly userField: boolean
  readonly promptCacheKey: boolean
  /** Tool-call ids the upstream takes: its format's own rule, or exactly nine letters and digits (Mistral). */
  readonly callIds: 'standard' | 'nine-alphanumeric'
  /**
   * How ids of calls are made for the upstream instead, for models that were trained on ids of one form, e.g.
   * `functions.{name}:{n}` with the tool's name and the number of the call in the conversation, from 0; `''` = they stay.
   */
  readonly callIdTemplate: string
  /** Images and documents by URL are to be fetched by the caller and sent as their bytes; the converter itself never fetches. */
  readonly fetchUrls: boolean
  /**
   * Whole answers are to be asked for as streams and collected by the caller, for upstreams that let a long answer run only
   * as a stream; the converter itself never turns one request into the other.
   */
  readonly wholeAsStream: boolean
  /** Server tool that searches the web in an Anthropic target, e.g. `web_search_20250305`; `''` = none. */
  readonly webSearchTool: string
  /** Server tool that finds tools: `tool_search` in Responses, e.g. `tool_search_tool_bm25_20251119` in Messages; `''` = none. */
  readonly toolSearchTool: string
  /** Beta under which an Anthropic target takes MCP servers; `''` = it takes none. */
  readonly mcpBeta: string
  /** `speed: "fast"` is understood (Anthropic). */
  readonly fastMode: boolean
  /** Which `tool_choice` that forces a call is accepted: any, only a named one, or none. */
  readonly forcedTools: 'any' | 'named' | 'none'
  /** How reasoning is switched on and off where an effort does not do it: `thinking: {type}`, or `enable_thinking`. */
  readonly thinkingSwitch: 'none' | 'thinking' | 'enable_thinking'
  /** `parallel_tool_calls` is understood. */
  readonly parallelToolCalls: boolean
  /** History with tool calls is refused when the request declares no tools. */
  readonly toolsRequiredWithHistory: boolean
}

/** Everything the conversion knows about one upstream and one of its models. JSON-serialisable. */
export interface UpstreamProfile {
  /** `anthropic`, `openai`, `deepseek`, `generic-openai`, … */
  readonly id: string
  readonly format: FormatName
  readonly dialect: UpstreamDialect
  readonly model: ModelCapabilities
  /** What happens to server tools that the target does not have. */
  readonly serverTools: 'drop' | 'error'
  /** Client fields without a neutral meaning that this upstream takes as they are. */
  readonly passthrough: 'all' | 'none' | readonly string[]
}

/** A whole profile, or what differs from the shipped one. */
export type ProfileChoice = UpstreamProfile | ProfileOverrides

/** A partial profile, as an operator overrides it. */
export interface ProfileOverrides {
  readonly id?: string
  readonly dialect?: Partial<UpstreamDialect>
  readonly model?: Partial<ModelCapabilities>
  readonly serverTools?: UpstreamProfile['serverTools']
  readonly passthrough?: UpstreamProfile['passthrough']
}
