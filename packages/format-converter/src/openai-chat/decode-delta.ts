import type { DecodeAnswerContext, Shortcut } from '../codec.ts'
import type { EmitEvent } from '../model/answer-event.ts'
import type { Citation } from '../model/content-part.ts'
import type { Failure } from '../model/failure.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { entriesOf, stringOf } from '../wire/loose.ts'
import { LOGPROBS_LOST, tokenLogprobsOf } from '../wire/token-logprobs.ts'
import { saysNothing, type TellUnread } from '../wire/unread-members.ts'
import { AnswerBlocks } from './answer-blocks.ts'
import {
  AUDIO_AS_TRANSCRIPT,
  OTHER_REASONING,
  PROOF_TOO_LONG,
  STRAY_CITATION,
  UNCARRIED_SIGNATURE,
  UNCLOSED_THINK_TAG,
} from './answer-losses.ts'
import { MESSAGE, PART } from './answer-members.ts'
import { CallAssembly } from './call-assembly.ts'
import { citationOf, contentOf } from './content.ts'
import { DetailCollector, hasOtherReasoning, isSealedDetail, reasoningTextOf } from './reasoning.ts'
import { createThinkTagSplitter, type ThinkTagSplitter } from './think-tags.ts'
import { thoughtSignatureOf } from './thought-signature.ts'

interface DeltaDecoderOptions {
  readonly context: DecodeAnswerContext
  readonly tell: TellUnread
  readonly emit: EmitEvent
  readonly fail: (failure: Failure) => void
  /** The deltas are whole messages. */
  readonly isWhole: boolean
}

/** Of a refusal this much is kept, to explain the stop. */
const MAX_REFUSAL_CHARACTERS = 4096

/** Decodes the `delta` of chunks, or a whole `message`, which has the same members. */
export class DeltaDecoder {
  readonly #context: DecodeAnswerContext
  readonly #tell: TellUnread
  readonly #blocks: AnswerBlocks
  readonly #calls: CallAssembly
  readonly #splitter: ThinkTagSplitter | undefined
  /** Made with the first detail: few answers have any. */
  #details: DetailCollector | undefined = undefined
  #refusal = ''

  constructor({ context, tell, emit, fail, isWhole }: DeltaDecoderOptions) {
    this.#context = context
    this.#tell = tell
    this.#blocks = new AnswerBlocks(emit, () => this.#details?.take())
    this.#calls = new CallAssembly({ context, tell, blocks: this.#blocks, overflow: () => fail(TOO_LARGE), isWhole })
    this.#splitter = context.profile.dialect.thinkTags ? createThinkTagSplitter(this.#blocks) : undefined
  }

  /** Whether anything of an answer has come. */
  get hasContent(): boolean {
    return this.#blocks.count > 0
  }

  /** Whether a stream that just ends here may be complete: there is content, and no call is cut. */
  get mayEndHere(): boolean {
    return this.hasContent && this.#calls.areComplete()
  }

  /** The refusal so far; `''` when the model has not refused. */
  get refusal(): string {
    return this.#refusal
  }

  /** Whether a tool has been called. */
  get hasCalls(): boolean {
    return this.#calls.hasAny
  }

  /** @param logprobs - of the choice */
  push(delta: JsonObject, logprobs: JsonValue | undefined): void {
    this.#tell(delta, MESSAGE)
    const reasoning = reasoningTextOf(delta)
    if (reasoning !== '') this.#pushReasoning(delta, reasoning)
    this.#pushDetails(delta['reasoning_details'])
    const content = delta['content']
    if (typeof content === 'string') this.#pushText(content, this.#takeLogprobs(content, logprobs))
    else {
      this.#takeLogprobs('', logprobs)
      this.#pushParts(entriesOf(content))
    }
    this.#pushAnnotations(delta['annotations']) // before calls of the same message close the text that they belong to
    this.#pushRefusal(stringOf(delta['refusal']))
    this.#calls.push(entriesOf(delta['tool_calls']))
    if (isJsonObject(delta['function_call'])) this.#calls.pushLegacy(delta['function_call'])
    this.#pushRare(delta)
  }

  /** For a delta with one member that says anything; see `StreamDecoder`. */
  shortcut(delta: JsonObject): Shortcut | undefined {
    const [said, ...more] = Object.entries(delta).filter(
      ([name, value]) => name !== 'role' && value !== null && value !== '',
    )
    if (said === undefined || more.length > 0) return undefined
    const [name, value] = said
    if (name === 'tool_calls') return isJsonArray(value) ? this.#calls.shortcut(value) : undefined
    if (typeof value !== 'string') return undefined
    if (name === 'content') return { piece: value, take: (piece) => this.#pushText(piece, undefined) }
    const isReasoning = name === 'reasoning_content' || name === 'reasoning'
    return isReasoning ? { piece: value, take: (piece) => this.#blocks.reasoning(piece) } : undefined
  }

  /** Gives out what was held back and closes every block. */
  finish(): void {
    if (this.#splitter?.end() === true) this.#context.report(UNCLOSED_THINK_TAG)
    this.#calls.finish()
    if (this.#blocks.closeAll().length > 0) this.#context.report(STRAY_CITATION)
  }

  #pushReasoning(delta: JsonObject, text: string): void {
    if (hasOtherReasoning(delta, text)) this.#context.report(OTHER_REASONING)
    this.#blocks.reasoning(text)
  }

  /** Probabilities are carried beside the text that they belong to; a refusal has no place for its own. */
  #takeLogprobs(text: string, logprobs: JsonValue | undefined): JsonValue | undefined {
    if (saysNothing(logprobs)) return undefined
    const { content, ...others } = isJsonObject(logprobs) ? logprobs : { logprobs }
    const taken = text !== '' && this.#splitter === undefined ? tokenLogprobsOf(content) : undefined
    const lost = Object.values(taken === undefined ? { content, ...others } : others)
    if (!lost.every(saysNothing)) this.#context.report(LOGPROBS_LOST)
    return taken
  }

  #pushText(text: string, logprobs: JsonValue | undefined): void {
    if (text === '') return
    if (this.#splitter === undefined) this.#blocks.text(text, logprobs)
    else this.#splitter.push(text)
  }

  #pushDetails(said: JsonValue | undefined): void {
    if (said === undefined) return
    const details = (this.#details ??= new DetailCollector())
    details.add(entriesOf(said))
    if (details.isGivenUp) this.#context.report(PROOF_TOO_LONG)
    if (details.hasSeal) this.#blocks.openReasoning()
  }

  /** Mistral sends `content` as a list, with its thinking inside. */
  #pushParts(parts: readonly JsonValue[]): void {
    for (const part of parts) {
      const content = contentOf(part)
      if (isJsonObject(part) && content.kind !== 'other') this.#tell(part, PART)
      if (content.kind === 'other') this.#pushOpaque(content.type, part)
      else if (content.kind === 'text') this.#pushText(content.text, undefined)
      else if (content.text !== '') this.#blocks[content.kind](content.text)
    }
  }

  #pushAnnotations(annotations: JsonValue | undefined): void {
    for (const annotation of entriesOf(annotations)) {
      const citation: Citation | undefined = citationOf(annotation)
      if (citation !== undefined) this.#blocks.cite(citation)
    }
  }

  #pushRefusal(text: string): void {
    if (text === '') return
    this.#blocks.refusal(text)
    if (this.#refusal.length < MAX_REFUSAL_CHARACTERS) this.#refusal += text
  }

  /** Members that few answers have. */
  #pushRare(delta: JsonObject): void {
    if (entriesOf(delta['thinking_blocks']).some(isSealedDetail)) this.#context.report(UNCARRIED_SIGNATURE)
    const { audio, images, extra_content: extra } = delta
    if (isJsonObject(extra) && thoughtSignatureOf(extra) !== '') this.#context.report(UNCARRIED_SIGNATURE)
    if (isJsonObject(audio)) this.#pushAudio(audio)
    if (isJsonArray(images)) for (const image of images) this.#pushOpaque('image', image)
  }

  /** Spoken answers reach clients of other formats as their transcript. */
  #pushAudio({ transcript, data }: JsonObject): void {
    if (typeof transcript === 'string') this.#pushText(transcript, undefined)
    if (typeof data === 'string' && data !== '') this.#context.report(AUDIO_AS_TRANSCRIPT)
  }

  #pushOpaque(kind: string, raw: JsonValue): void {
    this.#blocks.whole({ type: 'opaque', format: 'openai-chat', kind, raw })
  }
}

const TOO_LARGE: Failure = {
  kind: 'overflow',
  message: 'The answer of the upstream is larger than Relay can hold at once.',
}
