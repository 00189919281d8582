import type { DecodeAnswerContext, Shortcut } from '../codec.ts'
import type { AnswerEvent } from '../model/answer-event.ts'
import type { Citation } from '../model/content-part.ts'
import type { Failure } from '../model/failure.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { entriesOf, stringOf } from '../wire/loose.ts'
import { LOGPROBS_LOST, tokenLogprobsOf } from '../wire/token-logprobs.ts'
import { saysNothing, type TellUnread } from '../wire/unread-members.ts'
import { type AnswerBlocks, createAnswerBlocks } from './answer-blocks.ts'
import {
  AUDIO_AS_TRANSCRIPT,
  OTHER_REASONING,
  PROOF_TOO_LONG,
  STRAY_CITATION,
  UNCARRIED_SIGNATURE,
  UNCLOSED_THINK_TAG,
} from './answer-losses.ts'
import { MESSAGE, PART } from './answer-members.ts'
import { type CallAssembly, createCallAssembly } from './call-assembly.ts'
import { citationOf, contentOf } from './content.ts'
import {
  createDetailCollector,
  type DetailCollector,
  hasOtherReasoning,
  isSealedDetail,
  reasoningTextOf,
} from './reasoning.ts'
import { createThinkTagSplitter, type ThinkTagSplitter } from './think-tags.ts'
import { thoughtSignatureOf } from './thought-signature.ts'

interface DeltaDecoderOptions {
  readonly context: DecodeAnswerContext
  readonly tell: TellUnread
  readonly emit: (event: AnswerEvent) => void
  readonly fail: (failure: Failure) => void
  /** The deltas are whole messages. */
  readonly isWhole: boolean
}

/** Decodes the `delta` of chunks, or a whole `message`, which has the same members. */
export interface DeltaDecoder {
  /** @param logprobs - of the choice */
  push(delta: JsonObject, logprobs: JsonValue | undefined): void
  /** For a delta with one member that says anything; see `StreamDecoder`. */
  shortcut(delta: JsonObject): Shortcut | undefined
  /** Gives out what was held back and closes every block. */
  finish(): void
  /** Whether anything of an answer has come. */
  hasContent(): boolean
  /** Whether a stream that just ends here may be complete: there is content, and no call is cut. */
  mayEndHere(): boolean
  /** The refusal so far; `''` when the model has not refused. */
  refusal(): string
  /** Whether a tool has been called. */
  hasCalls(): boolean
}

/** What the parts of a delta are decoded with. */
interface DeltaTools {
  readonly context: DecodeAnswerContext
  readonly tell: TellUnread
  readonly blocks: AnswerBlocks
  readonly calls: CallAssembly
  readonly details: DetailCollector
  readonly splitter: ThinkTagSplitter | undefined
}

/** Of a refusal this much is kept, to explain the stop. */
const MAX_REFUSAL_CHARACTERS = 4096

export function createDeltaDecoder(options: DeltaDecoderOptions): DeltaDecoder {
  const { context, emit, tell } = options
  const details = createDetailCollector()
  const overflow = (): void =>
    options.fail({ kind: 'overflow', message: 'The answer of the upstream is larger than Relay can hold at once.' })
  const blocks = createAnswerBlocks({ emit, takeSeal: details.take })
  const calls = createCallAssembly({ context, tell, blocks, overflow, isWhole: options.isWhole })
  const splitter = context.profile.dialect.thinkTags ? createThinkTagSplitter(blocks) : undefined
  const tools: DeltaTools = { context, tell, blocks, calls, details, splitter }
  let refusal = ''

  function push(delta: JsonObject, logprobs: JsonValue | undefined): void {
    tell(delta, MESSAGE)
    const reasoning = reasoningTextOf(delta)
    if (reasoning !== '') pushReasoning(tools, delta, reasoning)
    pushDetails(tools, delta['reasoning_details'])
    const content = delta['content']
    if (typeof content === 'string') pushText(tools, content, takeLogprobs(tools, content, logprobs))
    else {
      takeLogprobs(tools, '', logprobs)
      pushParts(tools, entriesOf(content))
    }
    pushAnnotations(tools, delta['annotations']) // before calls of the same message close the text that they belong to
    const refused = stringOf(delta['refusal'])
    if (refused !== '') {
      blocks.refusal(refused)
      if (refusal.length < MAX_REFUSAL_CHARACTERS) refusal += refused
    }
    calls.push(entriesOf(delta['tool_calls']))
    if (isJsonObject(delta['function_call'])) calls.pushLegacy(delta['function_call'])
    pushRare(tools, delta)
  }

  function finish(): void {
    if (splitter?.end() === true) context.report(UNCLOSED_THINK_TAG)
    calls.finish()
    if (blocks.closeAll().length > 0) context.report(STRAY_CITATION)
  }

  return {
    push,
    shortcut: (delta) => shortcutOf(tools, delta),
    finish,
    hasContent: () => blocks.count() > 0,
    mayEndHere: () => blocks.count() > 0 && calls.areComplete(),
    refusal: () => refusal,
    hasCalls: calls.hasAny,
  }
}

function shortcutOf(tools: DeltaTools, delta: JsonObject): Shortcut | undefined {
  const { blocks, calls } = tools
  const [said, ...more] = Object.entries(delta).filter(
    ([name, value]) => name !== 'role' && value !== null && value !== '',
  )
  if (said === undefined || more.length > 0) return undefined
  const [name, value] = said
  if (name === 'tool_calls') return isJsonArray(value) ? calls.shortcut(value) : undefined
  if (typeof value !== 'string') return undefined
  if (name === 'content') return { piece: value, take: (piece) => pushText(tools, piece, undefined) }
  const isReasoning = name === 'reasoning_content' || name === 'reasoning'
  return isReasoning ? { piece: value, take: blocks.reasoning } : undefined
}

function pushReasoning({ blocks, context }: DeltaTools, delta: JsonObject, text: string): void {
  if (hasOtherReasoning(delta, text)) context.report(OTHER_REASONING)
  blocks.reasoning(text)
}

/** Probabilities are carried beside the text that they belong to; a refusal has no place for its own. */
function takeLogprobs(
  { splitter, context }: DeltaTools,
  text: string,
  logprobs: JsonValue | undefined,
): JsonValue | undefined {
  if (saysNothing(logprobs)) return undefined
  const { content, ...others } = isJsonObject(logprobs) ? logprobs : { logprobs }
  const taken = text !== '' && splitter === undefined ? tokenLogprobsOf(content) : undefined
  const lost = Object.values(taken === undefined ? { content, ...others } : others)
  if (!lost.every(saysNothing)) context.report(LOGPROBS_LOST)
  return taken
}

function pushText(tools: DeltaTools, text: string, logprobs: JsonValue | undefined): void {
  if (text === '') return
  if (tools.splitter === undefined) tools.blocks.text(text, logprobs)
  else tools.splitter.push(text)
}

function pushDetails(tools: DeltaTools, details: JsonValue | undefined): void {
  if (details === undefined) return
  tools.details.add(entriesOf(details))
  if (tools.details.isGivenUp()) tools.context.report(PROOF_TOO_LONG)
  if (tools.details.hasSeal()) tools.blocks.openReasoning()
}

/** Mistral sends `content` as a list, with its thinking inside. */
function pushParts(tools: DeltaTools, parts: readonly JsonValue[]): void {
  for (const part of parts) {
    const content = contentOf(part)
    if (isJsonObject(part) && content.kind !== 'other') tools.tell(part, PART)
    if (content.kind === 'other')
      tools.blocks.whole({ type: 'opaque', format: 'openai-chat', kind: content.type, raw: part })
    else if (content.kind === 'text') pushText(tools, content.text, undefined)
    else if (content.text !== '') tools.blocks[content.kind](content.text)
  }
}

/** Members that few answers have. */
function pushRare(tools: DeltaTools, delta: JsonObject): void {
  if (entriesOf(delta['thinking_blocks']).some(isSealedDetail)) tools.context.report(UNCARRIED_SIGNATURE)
  const { audio, images, extra_content: extra } = delta
  if (isJsonObject(extra) && thoughtSignatureOf(extra) !== '') tools.context.report(UNCARRIED_SIGNATURE)
  if (isJsonObject(audio)) pushAudio(tools, audio)
  if (isJsonArray(images)) {
    for (const raw of images) tools.blocks.whole({ type: 'opaque', format: 'openai-chat', kind: 'image', raw })
  }
}

function pushAnnotations(tools: DeltaTools, annotations: JsonValue | undefined): void {
  for (const annotation of entriesOf(annotations)) {
    const citation: Citation | undefined = citationOf(annotation)
    if (citation !== undefined) tools.blocks.cite(citation)
  }
}

/** Spoken answers reach clients of other formats as their transcript. */
function pushAudio(tools: DeltaTools, audio: JsonObject): void {
  const transcript = audio['transcript']
  if (typeof transcript === 'string') pushText(tools, transcript, undefined)
  if (typeof audio['data'] === 'string' && audio['data'] !== '') {
    tools.context.report(AUDIO_AS_TRANSCRIPT)
  }
}
