import type { EncodeAnswerContext, StreamEncoder } from '../codec.ts'
import type { AnswerEvent, OpenPart } from '../model/answer-event.ts'
import type { Citation } from '../model/content-part.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import { lossOfPart } from '../model/lost-part.ts'
import type { Seal } from '../model/seal.ts'
import { knowsTokens, mergeUsage, type Usage } from '../model/usage.ts'
import { FLATTENED_SERVER_TOOL, MIXED_BLOCKS, PAUSED_TURN, PHASE_LOST, SECOND_LEGACY_CALL } from './answer-losses.ts'
import { declinedText, reasoningDetailsOf, reasoningFieldsOf } from './answer-parts.ts'
import { type ChunkFrames, createChunkFrames } from './chunk-frames.ts'
import { encodeStreamError } from './errors.ts'
import { JoinedText, type TextPlace } from './joined-text.ts'
import { TEXT_SEPARATOR } from './proof-places.ts'
import { encodeFinishReason } from './stop-reason.ts'
import { encodeUsage, tierOf } from './usage.ts'
import { DONE_FRAME, KEEP_ALIVE_FRAME } from './wire.ts'

/** What the encoder remembers of a block until the end. */
interface Block extends TextPlace {
  readonly part: OpenPart
  /** Text before and after the JSON string of a delta; `prefix` is `''` when deltas of this block are not written. */
  readonly prefix: string
  readonly suffix: string
  /** UTF-16 units of its text that the client sees. */
  length: number
  citations: Citation[] | undefined
  seal: Seal | undefined
}

/** Between two parts of one reasoning block. */
const BOUNDARY = '\n\n'

type Delta = Extract<AnswerEvent, { type: 'delta' }>
type Finish = Extract<AnswerEvent, { type: 'finish' }>
type CallPart = Extract<OpenPart, { type: 'tool-call' }>

interface State {
  readonly context: EncodeAnswerContext
  frames: ChunkFrames
  /** Members that reasoning text goes to; none when the client is not to see it. */
  readonly reasoningFields: readonly string[]
  readonly blocks: Block[]
  readonly text: JoinedText
  /** The block that was written to last, and of each kind the last in the order of the answer. */
  writing: number
  readonly latest: Map<OpenPart['type'], number>
  hasRole: boolean
  calls: number
  hasReasoning: boolean
  hasRefusal: boolean
  fingerprint: string | undefined
  usage: Usage | undefined
  finish: Finish
}

/**
 * Writes a Chat stream. The role chunk waits for the first block; proofs and annotations come together in one chunk
 * before the finish, because the official SDK keeps only the last value of a delta member that it does not know.
 */
export function createStreamEncoder(context: EncodeAnswerContext): StreamEncoder {
  const state: State = {
    context,
    frames: createChunkFrames(context),
    reasoningFields: context.showsReasoning ? reasoningFieldsOf(context.options.reasoningField) : [],
    blocks: [],
    text: new JoinedText(context),
    writing: -1,
    latest: new Map(),
    hasRole: false,
    calls: 0,
    hasReasoning: false,
    hasRefusal: false,
    fingerprint: undefined,
    usage: undefined,
    finish: { type: 'finish', reason: 'unknown' },
  }
  return {
    write: (event) => write(state, event),
    open: () => writeRole(state, ''),
    ping: () => KEEP_ALIVE_FRAME,
    events: () => state.frames.count(),
  }
}

function write(state: State, event: AnswerEvent): string {
  switch (event.type) {
    case 'delta':
      return writeDelta(state, event)
    case 'open':
      return openBlock(state, event.block, event.part)
    case 'boundary':
      return writeBoundary(state, state.blocks[event.block])
    case 'close':
      return closeBlock(state, state.blocks[event.block])
    case 'end':
      return writeEnd(state)
    case 'failure':
      return state.frames.ready(encodeStreamError(event.failure))
    case 'ping':
      return KEEP_ALIVE_FRAME
    case 'start':
    case 'citation':
    case 'seal':
    case 'usage':
    case 'finish':
      remember(state, event)
      return ''
  }
}

/** What is written only at the end. */
function remember(
  state: State,
  event: Extract<AnswerEvent, { type: 'start' | 'citation' | 'seal' | 'usage' | 'finish' }>,
): void {
  switch (event.type) {
    case 'start':
      state.fingerprint = event.fingerprint
      // All chunks name one model: what has been written cannot be taken back.
      if (event.model !== undefined && state.context.options.modelEcho === 'upstream' && state.frames.count() === 0)
        state.frames = createChunkFrames({ ...state.context, model: event.model })
      return
    case 'usage':
      state.usage = mergeUsage(state.usage, event.usage)
      return
    case 'finish':
      state.finish = event
      if (event.reason === 'pause') state.context.report(PAUSED_TURN)
      return
    case 'citation': {
      const block = state.blocks[event.block]
      if (block !== undefined) (block.citations ??= []).push(event.citation)
      return
    }
    case 'seal': {
      const block = state.blocks[event.block]
      if (block !== undefined) block.seal = event.seal
    }
  }
}

/** @param content - `null` when the answer may end without text, so that the folded message equals the whole one */
function writeRole(state: State, content: '' | null): string {
  if (state.hasRole) return ''
  state.hasRole = true
  return state.frames.delta({ role: 'assistant', content, refusal: null })
}

function openBlock(state: State, number: number, part: OpenPart): string {
  if (part.type !== 'text' || part.startsMessage === true) state.text.separate()
  if (part.type === 'tool-call') return openCall(state, number, part)
  const block = newBlock(part, prefixOf(state, part), state.frames.tail)
  if (holdsText(block)) state.text.open(block)
  state.blocks[number] = block
  reportLost(part, state.context)
  return ''
}

function holdsText({ part, prefix }: Block): boolean {
  return part.type === 'text' || (part.type === 'server-tool' && prefix !== '')
}

/** What becomes of a server tool by option is only known when it closes. */
function reportLost(part: OpenPart, { options, report }: EncodeAnswerContext): void {
  if (part.type === 'text' && part.phase !== undefined) report(PHASE_LOST)
  const isKept = part.type !== 'compaction' && part.type !== 'opaque' && part.type !== 'server-tool'
  if (!isKept && !(part.type === 'server-tool' && options.serverToolText)) report(lossOfPart(part, 'openai-chat'))
}

function newBlock(part: OpenPart, prefix: string, suffix: string): Block {
  return {
    part,
    prefix,
    suffix,
    length: 0,
    isSeparated: false,
    startsAt: 0,
    endsAt: 0,
    citations: undefined,
    seal: undefined,
  }
}

function prefixOf(state: State, part: OpenPart): string {
  const isText = part.type === 'text' || (part.type === 'server-tool' && state.context.options.serverToolText)
  if (isText) return state.frames.textHead
  if (part.type === 'refusal') return state.frames.refusalHead
  const [field] = state.reasoningFields
  return part.type === 'reasoning' && field !== undefined ? `${state.frames.head}{"${field}":` : ''
}

function openCall(state: State, number: number, part: CallPart): string {
  const { frames } = state
  const index = state.calls
  state.calls += 1
  const begun = writeRole(state, null)
  if (state.context.usesLegacyFunctions) return begun + openLegacyCall(state, number, part)
  const [member, body] =
    part.form === 'free'
      ? ['"custom":{"input":', { type: 'custom', custom: { name: part.name, input: '' } }]
      : ['"function":{"arguments":', { type: 'function', function: { name: part.name, arguments: '' } }]
  state.blocks[number] = newBlock(part, `${frames.head}{"tool_calls":[{"index":${index},${member}`, `}}]${frames.tail}`)
  return begun + frames.delta({ tool_calls: [{ index, id: part.id, ...body }] })
}

/** The form from before tools: one call an answer, without an id. */
function openLegacyCall(state: State, number: number, part: CallPart): string {
  const { frames, context } = state
  if (state.calls > 1) {
    state.blocks[number] = newBlock(part, '', '')
    context.report(SECOND_LEGACY_CALL)
    return ''
  }
  state.blocks[number] = newBlock(part, `${frames.head}{"function_call":{"arguments":`, `}${frames.tail}`)
  return frames.delta({ function_call: { name: part.name, arguments: '' } })
}

function writeDelta(state: State, event: Delta): string {
  const block = state.blocks[event.block]
  const text = event.text
  if (block === undefined || block.prefix === '' || text === '') return ''
  if (event.block !== state.writing) turnTo(state, event.block, block.part.type)
  const isFirst = block.length === 0
  block.length += text.length
  if (isFirst) return writeFirstDelta(state, block, event)
  if (block.part.type === 'text') return writeText(state, block, event)
  if (block.part.type === 'reasoning') return writeReasoning(state, block, text)
  return state.frames.piece(block.prefix, text, block.suffix)
}

/** What has been written cannot be taken back: pieces of several blocks that are one member are written as they come. */
function turnTo(state: State, number: number, kind: OpenPart['type']): void {
  const latest = state.latest.get(kind) ?? -1
  if (number < latest && kind !== 'tool-call') state.context.report(MIXED_BLOCKS)
  state.writing = number
  state.latest.set(kind, Math.max(number, latest))
}

function writeFirstDelta(state: State, block: Block, event: Delta): string {
  switch (block.part.type) {
    case 'text':
    case 'server-tool':
      return writeRole(state, '') + writeText(state, block, { ...event, text: state.text.begin(block, event.text) })
    case 'reasoning': {
      const separator = state.hasReasoning ? TEXT_SEPARATOR : ''
      state.hasReasoning = true
      return writeRole(state, null) + writeReasoning(state, block, separator + event.text)
    }
    case 'refusal':
      state.hasRefusal = true
      return writeRole(state, null) + state.frames.piece(block.prefix, event.text, block.suffix)
    case 'tool-call':
      if (event.text.trim() === '') block.length = 0 // space is no arguments yet: they may have to be `{}`
      return state.frames.piece(block.prefix, event.text, block.suffix)
    case 'compaction':
    case 'opaque':
      return state.frames.piece(block.prefix, event.text, block.suffix)
  }
}

function writeText(state: State, block: Block, event: Delta): string {
  state.text.add(block, event.text)
  if (event.logprobs !== undefined) return state.frames.textWithLogprobs(event.text, event.logprobs)
  return state.frames.piece(block.prefix, event.text, block.suffix)
}

function writeReasoning(state: State, block: Block, text: string): string {
  if (state.reasoningFields.length < 2) return state.frames.piece(block.prefix, text, block.suffix)
  const fields: [string, JsonValue][] = state.reasoningFields.map((field) => [field, text])
  return state.frames.delta(Object.fromEntries(fields))
}

function writeBoundary(state: State, block: Block | undefined): string {
  if (block?.part.type !== 'reasoning' || block.length === 0) return ''
  block.length += BOUNDARY.length
  return writeReasoning(state, block, BOUNDARY)
}

function closeBlock(state: State, block: Block | undefined): string {
  if (block === undefined) return ''
  if (block.length === 0) state.text.leave(block)
  if (block.part.type === 'server-tool') closeServerTool(state, block, block.part)
  for (const citation of block.citations ?? []) state.text.cite(block, citation)
  return isEmptyCall(block) ? state.frames.piece(block.prefix, '{}', block.suffix) : ''
}

function isEmptyCall({ part, length, prefix }: Block): boolean {
  return part.type === 'tool-call' && part.form === 'json' && length === 0 && prefix !== ''
}

/** What comes after a server tool is no part of its text. */
function closeServerTool(state: State, { length }: Block, part: OpenPart & { type: 'server-tool' }): void {
  const { options, report } = state.context
  if (!options.serverToolText) return
  state.text.separate()
  if (length > 0) report(FLATTENED_SERVER_TOOL)
  else report(lossOfPart(part, 'openai-chat'))
}

function writeEnd(state: State): string {
  const { context, frames, finish, hasRefusal } = state
  const shape = { hasText: !state.text.isEmpty, hasRefusal, hasCalls: state.calls > 0 }
  const refusal = declinedText(finish, shape, context.report)
  const begun = writeRole(state, refusal === undefined ? '' : null)
  const reason = encodeFinishReason(finish.reason, { usesLegacyFunctions: context.usesLegacyFunctions, hasRefusal })
  const hasUsage = context.wantsStreamUsage && knowsTokens(state.usage)
  const served = { service_tier: tierOf(state.usage), system_fingerprint: state.fingerprint }
  return (
    begun +
    collected(state, refusal) +
    frames.finish(reason, served) +
    (hasUsage ? frames.usage(encodeUsage(state.usage ?? {}), served) : '') +
    frames.ready(DONE_FRAME)
  )
}

/** The one chunk with everything that a client must not get in pieces. */
function collected(state: State, refusal: string | undefined): string {
  const details = reasoningDetailsOf(state.blocks, state.context)
  const { annotations } = state.text
  const delta: JsonObject = {
    refusal,
    reasoning_details: details.length > 0 ? details : undefined,
    annotations: annotations.length > 0 ? annotations : undefined,
  }
  return Object.values(delta).some((value) => value !== undefined) ? state.frames.delta(delta) : ''
}
