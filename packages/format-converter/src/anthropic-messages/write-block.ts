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

/** Writes one content block. It takes its index when its first byte is written, so that indexes have no gaps. */
export interface BlockWriter {
  open(): string
  delta(text: string): string
  boundary(): string
  citation(citation: Citation): string
  seal(seal: Seal): void
  close(raw: JsonObject | undefined): string
  /** True when nothing valid can follow what was written, although nobody closed the block. */
  isComplete(): boolean
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
      return createTextWriter(state, part.type === 'refusal')
    case 'reasoning':
      return createReasoningWriter(state, part.isRedacted === true)
    case 'tool-call':
      return createCallWriter(part, state)
    case 'compaction':
      return createCompactionWriter(state)
    case 'server-tool':
    case 'opaque':
      return createVerbatimWriter(part, state)
  }
}

const SILENT: BlockWriter = {
  open: () => '',
  delta: () => '',
  boundary: () => '',
  citation: () => '',
  seal: () => undefined,
  close: () => '',
  isComplete: () => false,
}

function createTextWriter(state: MessageState, isRefusal: boolean): BlockWriter {
  const { frames } = state
  let index = -1
  let prefix = ''
  let space = ''

  function start(): string {
    index = state.nextIndex++
    prefix = deltaPrefix(index, 'text_delta')
    return frames.blockStart(index, { type: 'text', text: '', citations: null })
  }

  function delta(text: string): string {
    if (isRefusal) state.refusal += text
    if (index >= 0) return frames.piece(prefix, text)
    if (text === '') return ''
    if (state.hasCalls && text.trim() === '') {
      space = (space + text).slice(0, MAX_HELD_SPACE)
      return ''
    }
    return start() + frames.piece(prefix, space + text)
  }

  function citation(citation: Citation): string {
    const encoded = encodeCitation(citation, state.context.report)
    if (encoded === undefined) return ''
    const begin = index < 0 ? start() + (space === '' ? '' : frames.piece(prefix, space)) : ''
    return begin + frames.blockDelta(index, { type: 'citations_delta', citation: encoded })
  }

  return { ...SILENT, delta, citation, close: () => (index < 0 ? '' : frames.blockStop(index)) }
}

function createReasoningWriter(state: MessageState, isRedacted: boolean): BlockWriter {
  const { frames } = state
  const isShown = state.context.showsReasoning && !isRedacted
  let index = -1
  let prefix = ''
  let hasTextSinceBoundary = false
  let lastSeal: Seal | undefined

  function start(): string {
    index = state.nextIndex++
    prefix = deltaPrefix(index, 'thinking_delta')
    return frames.blockStart(index, { type: 'thinking', thinking: '', signature: '' })
  }

  function delta(text: string): string {
    if (!isShown || text === '') return ''
    hasTextSinceBoundary = true
    const begin = index < 0 ? start() : ''
    return begin + frames.piece(prefix, text)
  }

  function boundary(): string {
    if (!hasTextSinceBoundary) return ''
    hasTextSinceBoundary = false
    return frames.piece(prefix, '\n\n')
  }

  function close(): string {
    if (lastSeal === undefined) return index < 0 ? '' : frames.blockStop(index)
    const proof = sealForClient(lastSeal, state.context.issuer)
    if (index < 0 && (isRedacted || isRedactedSeal(lastSeal))) return closeRedacted(proof)
    const begin = index < 0 ? start() : ''
    return begin + frames.blockDelta(index, { type: 'signature_delta', signature: proof }) + frames.blockStop(index)
  }

  function closeRedacted(data: string): string {
    index = state.nextIndex++
    return frames.blockStart(index, { type: 'redacted_thinking', data }) + frames.blockStop(index)
  }

  /** Clients keep only the last signature of a block, so it is written once, at the end. */
  function seal(seal: Seal): void {
    lastSeal = seal
  }

  return { ...SILENT, delta, boundary, seal, close }
}

function createCallWriter(part: OpenPart & { type: 'tool-call' }, state: MessageState): BlockWriter {
  const { frames } = state
  const balance = createJsonBalance()
  const isFree = part.form === 'free'
  const isBuffered = state.context.options.bufferToolArguments
  const buffered: string[] = []
  let index = -1
  let prefix = ''

  function open(): string {
    index = state.nextIndex++
    state.hasCalls = true
    prefix = deltaPrefix(index, 'input_json_delta')
    const { id, name } = part
    const start = frames.blockStart(index, { type: 'tool_use', id, name, input: {}, caller: { type: 'direct' } })
    return isFree ? start + write('{"input":"') : start
  }

  function write(text: string): string {
    return frames.piece(prefix, text)
  }

  function delta(text: string): string {
    if (text === '') return ''
    if (isFree) return write(JSON.stringify(text).slice(1, -1))
    balance.push(text)
    if (!isBuffered) return write(text)
    buffered.push(text)
    return ''
  }

  function close(): string {
    return finishInput() + frames.blockStop(index)
  }

  function finishInput(): string {
    if (isFree) return write('"}')
    if (isBuffered) return write(repairedInput(buffered.join(''), state.context))
    if (!balance.isObject()) state.brokenCalls += 1
    return balance.isBlank() ? write('{}') : ''
  }

  return { ...SILENT, open, delta, close, isComplete: balance.isComplete }
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

function createCompactionWriter(state: MessageState): BlockWriter {
  const fragments: string[] = []
  let lastSeal: Seal | undefined

  function close(raw: JsonObject | undefined): string {
    const { frames } = state
    const index = state.nextIndex++
    const content = fragments.length === 0 ? null : fragments.join('')
    const encrypted = lastSeal === undefined ? null : sealForClient(lastSeal, state.context.issuer)
    const start = { ...raw, type: 'compaction', content: null, encrypted_content: null }
    const delta = { type: 'compaction_delta', content, encrypted_content: encrypted }
    return frames.blockStart(index, start) + frames.blockDelta(index, delta) + frames.blockStop(index)
  }

  return {
    ...SILENT,
    delta(text) {
      fragments.push(text)
      return ''
    },
    seal(seal) {
      lastSeal = seal
    },
    close,
  }
}

/** Says that the phase of a text stays out of the answer. */
export function reportPhase(part: OpenPart, { report }: EncodeAnswerContext): void {
  if (part.type !== 'text' || part.phase === undefined) return
  const message = 'Messages does not tell commentary from the final answer'
  report({ code: 'param_unsupported', level: 'info', path: '#phase', message })
}

/** A block that the vendor alone writes goes out whole, at its close. */
function createVerbatimWriter(part: ForeignPart, state: MessageState): BlockWriter {
  return {
    ...SILENT,
    close: (raw) =>
      vendorBlocks(part, raw, state.context)
        .map((block) => writeWhole(block, state))
        .join(''),
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
