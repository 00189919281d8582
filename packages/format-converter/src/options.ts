/**
 * Filters over the events of an answer. `thinkTags`: read `<think>…</think>` at its start as reasoning; `emulateStop`: as
 * the option of that name; `coalesce`: one delta of those that came in one packet; `parallelWrapper`: one call of
 * `multi_tool_use.parallel` becomes the calls that it lists.
 */
export type AnswerFilter = 'thinkTags' | 'emulateStop' | 'coalesce' | 'parallelWrapper'

/** Choices of taste, all with defaults; account profiles and rules may change them. */
export interface ConversionOptions {
  /** Between two text blocks that another block separated. */
  readonly textJoin: string
  /** Where reasoning text goes in a Chat answer. */
  readonly reasoningField: 'reasoning_content' | 'reasoning' | 'both' | 'none'
  /** Carry reasoning proofs through Chat clients in `reasoning_details`. */
  readonly sealsToChat: boolean
  /** What happens to the text of reasoning whose proof cannot be carried. */
  readonly foreignReasoning: 'drop' | 'text'
  /** When the focus block of a Messages stream closes while another call has begun. */
  readonly parallelCalls: 'balanced' | 'serialize' | 'eager'
  /** Validate and repair tool arguments before they go to a Messages client. */
  readonly bufferToolArguments: boolean
  /** Hold the start of a stream until something meaningful comes. */
  readonly holdStart: boolean
  /** Put an estimate of the input tokens into `message_start`. */
  readonly estimateInput: boolean
  /** Add an empty text block to a Messages answer that has no content. */
  readonly emptyTextBlock: boolean
  readonly toolErrorPrefix: string
  readonly toolExamplesInDescription: boolean
  /** Write the calls and results of server tools into the text of a Chat answer, which has no other place for them. */
  readonly serverToolText: boolean
  readonly cacheTtl: 'down' | 'roundUp'
  readonly autoCache: boolean
  /** OpenAI service tier for Anthropic's `speed: "fast"`. */
  readonly fastTier: string
  readonly modelEcho: 'requested' | 'upstream'
  readonly nameInText: boolean
  readonly verbosityAsText: boolean
  /** Show pictures that a vendor's tool made earlier to models of other vendors, in the next user message. */
  readonly imageResultsToUser: boolean
  /** Write the full reasoning of open models as `reasoning_text` parts of a Responses item, not as its summary. */
  readonly reasoningAsContent: boolean
  /** Put members of a whole answer that the converter does not know under `x_upstream`. */
  readonly echoUpstream: boolean
  /** Let the loss policy `reject` judge answers too. */
  readonly strictResponses: boolean
  /** Stop an answer at the client's stop sequences where the upstream cannot; its stream ends, and is to be aborted. */
  readonly emulateStop: boolean
  /** Replace one vendor's sandbox for code by the other's. */
  readonly codeExecution: boolean
  /** Hand MCP servers on to another vendor, with the tokens that the client gave for them. */
  readonly forwardMcp: boolean
  /** Decode and encode a stream even where both sides speak one format, to repair what the upstream does wrong. */
  readonly fixUpstreamStream: boolean
  /** Longest `retry-after` that a client is told, in ms. */
  readonly maxRetryAfterMs: number
  /** The upstream's rate limits, which are those of its account: keep them from the client, or give them the client's names. */
  readonly rateLimitHeaders: 'drop' | 'map'
  readonly filters: readonly AnswerFilter[]
}

/** What holds where nothing else is chosen. */
export const DEFAULT_OPTIONS: ConversionOptions = {
  textJoin: '\n\n',
  reasoningField: 'reasoning_content',
  sealsToChat: true,
  foreignReasoning: 'drop',
  parallelCalls: 'balanced',
  bufferToolArguments: false,
  holdStart: true,
  estimateInput: true,
  emptyTextBlock: false,
  toolErrorPrefix: 'Error: ',
  toolExamplesInDescription: true,
  serverToolText: false,
  cacheTtl: 'down',
  autoCache: false,
  fastTier: 'priority',
  modelEcho: 'requested',
  nameInText: false,
  verbosityAsText: false,
  imageResultsToUser: false,
  reasoningAsContent: false,
  echoUpstream: false,
  strictResponses: false,
  emulateStop: false,
  codeExecution: false,
  forwardMcp: false,
  fixUpstreamStream: false,
  maxRetryAfterMs: 60_000,
  rateLimitHeaders: 'drop',
  filters: [],
}

/** Whether an answer is watched for the client's stop sequences. */
export function emulatesStop({ emulateStop, filters }: ConversionOptions): boolean {
  return emulateStop || filters.includes('emulateStop')
}
