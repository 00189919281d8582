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
  readonly imageResultsToUser: boolean
  /** Put unknown upstream answer fields under `x_upstream`. */
  readonly echoUpstream: boolean
  /** Let the loss policy `reject` judge answers too. */
  readonly strictResponses: boolean
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
  echoUpstream: false,
  strictResponses: false,
}
