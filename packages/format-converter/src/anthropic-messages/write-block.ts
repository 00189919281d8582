import type { EncodeAnswerContext } from '../codec.ts'
import type { OpenPart } from '../model/answer-event.ts'
import type { Citation } from '../model/content-part.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import { lossOfPart, type VendorPart } from '../model/lost-part.ts'
import type { Seal } from '../model/seal.ts'
import { toJsonText } from '../wire/raw-json.ts'
import { normalizeToolArguments } from '../wire/tool-arguments.ts'
import { encodeCitation } from './citations.ts'
import { createJsonBalance } from './json-balance.ts'
import { isRedactedSeal, sealForClient } from './reasoning.ts'
import { searchBlocks } from './web-search.ts'
import { deltaPrefix, type MessageFrames } from './wire.ts'

/**
 * Writes one content block. It takes its index when its first byte is written, so that indexes have no gaps. What a kind
 * of block has no word for writes nothing.
 */
export abstract class BlockWriter {
  protected readonly state: MessageState
  /** The block's index; -1 until it is taken. */
  protected index = -1

  constructor(state: MessageState) {
    this.state = state
  }

  open(): string {
    return ''
  }

  abstract delta(text: string): string

  boundary(): string {
    return ''
  }

  citation(_citation: Citation): string {
    return ''
  }

  seal(_seal: Seal): void {
    // nothing to keep
  }

  abstract close(raw: JsonObject | undefined): string

  /** True when nothing valid can follow what was written, although nobody closed the block. */
  isComplete(): boolean {
    return false
  }

  protected start(block: JsonObject): string {
    this.index = this.state.nextIndex++
    return this.state.frames.blockStart(this.index, block)
  }
}

/** What the blocks of one stream share. */
export interface MessageState {
  readonly context: EncodeAnswerContext
  readonly frames: MessageFrames
  nextIndex: number
  /** A call has been written: white space after it is noise. */
  hasCalls: boolean
  /** Text of refusal blocks, for `stop_details`. */
  refusal: string
  /** Calls whose arguments, when they closed, were not a JSON object. */
  brokenCalls: number
}

/** White space that may turn out to be the beginning of real text; more of it is noise for certain. */
const MAX_HELD_SPACE = 1024

/** The writer for a block, by its kind. */
export function createBlockWriter(part: OpenPart, state: MessageState): BlockWriter {
  switch (part.type) {
    case 'text':
    case 'refusal':
      reportPhase(part, state.context)
      return new TextWriter(state, part.type === 'refusal')
    case 'reasoning':
      return new ReasoningWriter(state, part.isRedacted === true)
    case 'tool-call':
      return new CallWriter(part, state)
    case 'compaction':
      return new CompactionWriter(state)
    case 'server-tool':
    case 'opaque':
      return new VerbatimWriter(part, state)
  }
}

class TextWriter extends BlockWriter {
  readonly #isRefusal: boolean
  #prefix = ''
  #space = ''

  constructor(state: MessageState, isRefusal: boolean) {
    super(state)
    this.#isRefusal = isRefusal
  }

  override delta(text: string): string {
    const { state } = this
    if (this.#isRefusal) state.refusal += text
    if (this.index >= 0) return state.frames.piece(this.#prefix, text)
    if (text === '') return ''
    if (state.hasCalls && text.trim() === '') {
      this.#space = (this.#space + text).slice(0, MAX_HELD_SPACE)
      return ''
    }
    return this.#begin() + state.frames.piece(this.#prefix, this.#space + text)
  }

  override citation(citation: Citation): string {
    const { frames, context } = this.state
    const encoded = encodeCitation(citation, context.report)
    if (encoded === undefined) return ''
    const begin = this.index < 0 ? this.#beginWithSpace() : ''
    return begin + frames.blockDelta(this.index, { type: 'citations_delta', citation: encoded })
  }

  override close(): string {
    return this.index < 0 ? '' : this.state.frames.blockStop(this.index)
  }

  #begin(): string {
    const start = this.start({ type: 'text', text: '', citations: null })
    this.#prefix = deltaPrefix(this.index, 'text_delta')
    return start
  }

  #beginWithSpace(): string {
    const begin = this.#begin()
    return this.#space === '' ? begin : begin + this.state.frames.piece(this.#prefix, this.#space)
  }
}

class ReasoningWriter extends BlockWriter {
  readonly #isRedacted: boolean
  readonly #isShown: boolean
  #prefix = ''
  #hasTextSinceBoundary = false
  #lastSeal: Seal | undefined = undefined

  constructor(state: MessageState, isRedacted: boolean) {
    super(state)
    this.#isRedacted = isRedacted
    this.#isShown = state.context.showsReasoning && !isRedacted
  }

  override delta(text: string): string {
    if (!this.#isShown || text === '') return ''
    this.#hasTextSinceBoundary = true
    const begin = this.index < 0 ? this.#begin() : ''
    return begin + this.state.frames.piece(this.#prefix, text)
  }

  override boundary(): string {
    if (!this.#hasTextSinceBoundary) return ''
    this.#hasTextSinceBoundary = false
    return this.state.frames.piece(this.#prefix, '\n\n')
  }

  /** Clients keep only the last signature of a block, so it is written once, at the end. */
  override seal(seal: Seal): void {
    this.#lastSeal = seal
  }

  override close(): string {
    const { frames, context } = this.state
    const seal = this.#lastSeal
    if (seal === undefined) return this.index < 0 ? '' : frames.blockStop(this.index)
    const proof = sealForClient(seal, context.issuer)
    if (this.index < 0 && (this.#isRedacted || isRedactedSeal(seal)))
      return this.start({ type: 'redacted_thinking', data: proof }) + frames.blockStop(this.index)
    const begin = this.index < 0 ? this.#begin() : ''
    const signature = frames.blockDelta(this.index, { type: 'signature_delta', signature: proof })
    return begin + signature + frames.blockStop(this.index)
  }

  #begin(): string {
    const start = this.start({ type: 'thinking', thinking: '', signature: '' })
    this.#prefix = deltaPrefix(this.index, 'thinking_delta')
    return start
  }
}

class CallWriter extends BlockWriter {
  readonly #part: OpenPart & { type: 'tool-call' }
  readonly #balance = createJsonBalance()
  readonly #isFree: boolean
  readonly #isBuffered: boolean
  readonly #buffered: string[] = []
  #prefix = ''

  constructor(part: OpenPart & { type: 'tool-call' }, state: MessageState) {
    super(state)
    this.#part = part
    this.#isFree = part.form === 'free'
    this.#isBuffered = state.context.options.bufferToolArguments
  }

  override open(): string {
    this.state.hasCalls = true
    const { id, name } = this.#part
    const start = this.start({ type: 'tool_use', id, name, input: {}, caller: { type: 'direct' } })
    this.#prefix = deltaPrefix(this.index, 'input_json_delta')
    return this.#isFree ? start + this.#write('{"input":"') : start
  }

  override delta(text: string): string {
    if (text === '') return ''
    if (this.#isFree) return this.#write(JSON.stringify(text).slice(1, -1))
    this.#balance.push(text)
    if (!this.#isBuffered) return this.#write(text)
    this.#buffered.push(text)
    return ''
  }

  override close(): string {
    return this.#finishInput() + this.state.frames.blockStop(this.index)
  }

  override isComplete(): boolean {
    return this.#balance.isComplete()
  }

  #write(text: string): string {
    return this.state.frames.piece(this.#prefix, text)
  }

  #finishInput(): string {
    if (this.#isFree) return this.#write('"}')
    if (this.#isBuffered) return this.#write(repairedInput(this.#buffered.join(''), this.state.context))
    if (!this.#balance.isObject()) this.state.brokenCalls += 1
    return this.#balance.isBlank() ? this.#write('{}') : ''
  }
}

/** Arguments as an object, whatever came; what had to be done for that is told. */
function repairedInput(text: string, { report }: EncodeAnswerContext): string {
  const { input, repair } = normalizeToolArguments(text)
  if (repair !== undefined) {
    const message = 'the arguments of a call were not a JSON object; they were kept in another form'
    report({ code: 'invalid_tool_arguments', level: 'repaired', path: '#input_json_delta', message })
  }
  return toJsonText(input)
}

class CompactionWriter extends BlockWriter {
  readonly #fragments: string[] = []
  #lastSeal: Seal | undefined = undefined

  override delta(text: string): string {
    this.#fragments.push(text)
    return ''
  }

  override seal(seal: Seal): void {
    this.#lastSeal = seal
  }

  override close(raw: JsonObject | undefined): string {
    const { frames, context } = this.state
    const content = this.#fragments.length === 0 ? null : this.#fragments.join('')
    const encrypted = this.#lastSeal === undefined ? null : sealForClient(this.#lastSeal, context.issuer)
    const start = this.start({ ...raw, type: 'compaction', content: null, encrypted_content: null })
    const delta = { type: 'compaction_delta', content, encrypted_content: encrypted }
    return start + frames.blockDelta(this.index, delta) + frames.blockStop(this.index)
  }
}

/** Says that the phase of a text stays out of the answer. */
export function reportPhase(part: OpenPart, { report }: EncodeAnswerContext): void {
  if (part.type !== 'text' || part.phase === undefined) return
  const message = 'Messages does not tell commentary from the final answer'
  report({ code: 'param_unsupported', level: 'info', path: '#phase', message })
}

/** A block that the vendor alone writes goes out whole, at its close. */
class VerbatimWriter extends BlockWriter {
  readonly #part: ForeignPart

  constructor(part: ForeignPart, state: MessageState) {
    super(state)
    this.#part = part
  }

  override delta(): string {
    return ''
  }

  override close(raw: JsonObject | undefined): string {
    return vendorBlocks(this.#part, raw, this.state.context)
      .map((block) => writeWhole(block, this.state))
      .join('')
  }
}

function writeWhole(block: JsonObject, state: MessageState): string {
  const { frames } = state
  const index = state.nextIndex++
  const input = block['input']
  if (!isJsonObject(input)) return frames.blockStart(index, block) + frames.blockStop(index)
  const start = frames.blockStart(index, { ...block, input: {} })
  const prefix = deltaPrefix(index, 'input_json_delta')
  return start + frames.piece(prefix, toJsonText(input)) + frames.blockStop(index)
}

type ForeignPart = Exclude<VendorPart, { type: 'compaction' }>

/**
 * The blocks for what only its vendor knows: this format's own as it came, a web search as the blocks that stand for it.
 * Anything else of another format cannot go at all, and is reported.
 *
 * @param raw - the final JSON, where it differs from the one that the block opened with
 */
export function vendorBlocks(
  part: ForeignPart,
  raw: JsonObject | undefined,
  context: EncodeAnswerContext,
): readonly JsonObject[] {
  const block = raw ?? part.raw
  if (part.format === 'anthropic-messages') return isJsonObject(block) ? [block] : []
  const blocks = searchBlocks(part, block, context)
  if (blocks === undefined) context.report(lossOfPart(part, 'anthropic-messages'))
  return blocks ?? []
}
