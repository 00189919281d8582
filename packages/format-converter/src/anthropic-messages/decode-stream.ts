import type { DecodeAnswerContext, Shortcut, StreamDecoder } from '../codec.ts'
import { decodeFailure } from '../failure/decode-failure.ts'
import type { EmitEvent } from '../model/answer-event.ts'
import { type Failure, SECOND_ANSWER, TRUNCATED } from '../model/failure.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { entriesOf, optionalString } from '../wire/loose.ts'
import { createUnreadTeller, saysNothing, type TellUnread } from '../wire/unread-members.ts'
import { ANSWER, END, PIECE, STOP, USAGE, VENDOR_STATE } from './answer-members.ts'
import { NO_MESSAGE } from './errors.ts'
import { createBlockReader, type BlockReader } from './read-block.ts'
import { decodeStop, type RawStop } from './stop-reason.ts'
import { decodeUsage } from './usage.ts'

/** Most blocks one answer may have (contract 7.6). */
const MAX_BLOCKS = 512

/** Blocks that a delta without a start may open: their kind says all there is to know. */
const IMPLICIT_BLOCKS: ReadonlyMap<unknown, JsonObject> = new Map([
  ['text_delta', { type: 'text', text: '' }],
  ['citations_delta', { type: 'text', text: '' }],
  ['thinking_delta', { type: 'thinking', thinking: '', signature: '' }],
  ['signature_delta', { type: 'thinking', thinking: '', signature: '' }],
])

/** Deltas that are a piece of what was said. */
const PIECES: ReadonlySet<unknown> = new Set([...IMPLICIT_BLOCKS.keys(), 'input_json_delta', 'compaction_delta'])

/** Arguments of a call, where they are no text; the start of a block has them so. */
const INPUT = /"(?:input|partial_json)":\s*[{[]\s*[^\s}\]]/

interface DecoderState {
  readonly context: DecodeAnswerContext
  readonly isWhole: boolean
  readonly emit: EmitEvent
  readonly tell: TellUnread
  /** Open blocks by the index that the upstream gave them. */
  readonly blocks: Map<unknown, BlockReader>
  nextBlock: number
  hasStarted: boolean
  messageId: string | undefined
  rawUsage: JsonObject
  /** What was said of why it ended. */
  rawStop: RawStop
  isOver: boolean
}

/**
 * Reads a Messages stream (contract 4.1.A). Never throws; trouble becomes a `failure`, oddities become losses.
 *
 * @param isWhole - the stream is made of a whole answer, which may be empty
 */
export function createStreamDecoder(
  context: DecodeAnswerContext,
  emit: EmitEvent,
  isWhole: boolean = false,
): StreamDecoder {
  const state: DecoderState = {
    context,
    isWhole,
    emit,
    tell: createUnreadTeller(context.report),
    blocks: new Map(),
    nextBlock: 0,
    hasStarted: false,
    messageId: undefined,
    rawUsage: {},
    rawStop: {},
    isOver: false,
  }

  function push(body: JsonObject, eventName: string | undefined): void {
    const type = eventName === 'error' ? 'error' : (body['type'] ?? eventName)
    if (state.isOver) return reportLate(state, type)
    switch (type) {
      case 'content_block_delta':
        return readDelta(state, body)
      case 'content_block_start':
        return openBlock(state, body['index'], body['content_block'])
      case 'content_block_stop':
        return closeBlock(state, body['index'])
      case 'message_start':
        return startMessage(state, body['message'])
      case 'message_delta':
        return readMessageDelta(state, body)
      case 'message_stop':
        return endMessage(state)
      case 'ping':
        return emit({ type: 'ping' })
      case 'error':
        return fail(state, decodeFailure(undefined, body))
      default:
        if (isJsonObject(body['error'])) return fail(state, decodeFailure(undefined, body))
        reportUnknown(state, type)
    }
  }

  function end(): void {
    if (state.isOver) return
    if (context.profile.dialect.lenientEnd && canEndLeniently(state)) return endMessage(state)
    fail(state, TRUNCATED)
  }

  return {
    push,
    shortcut: (body, eventName) => (eventName === 'error' ? undefined : shortcutOf(state, body)),
    exact: INPUT,
    done: () => undefined, // this format does not know `[DONE]`
    end,
  }
}

function readDelta(state: DecoderState, body: JsonObject): void {
  const delta = body['delta']
  if (!isJsonObject(delta)) return (saysNothing(delta) ? reportUnknown : reportStray)(state, 'content_block_delta')
  state.tell(delta, PIECE)
  const block = state.blocks.get(body['index']) ?? openImplicitly(state, body['index'], delta)
  if (block === undefined) reportStray(state, delta['type'])
  else if (!block.delta(delta)) (isPiece(delta) ? reportStray : reportUnknown)(state, delta['type'])
}

/** Whether a delta that its block does not take says something of a kind that other blocks do. */
function isPiece({ type, ...said }: JsonObject): boolean {
  const isKnown = type === undefined || PIECES.has(type)
  return isKnown && Object.values(said).some((value) => value !== null && value !== '')
}

function shortcutOf({ isOver, blocks }: DecoderState, { type, index, delta }: JsonObject): Shortcut | undefined {
  if (isOver || type !== 'content_block_delta' || typeof index !== 'number' || !isJsonObject(delta)) return undefined
  return blocks.get(index)?.shortcut?.(delta)
}

function openImplicitly(state: DecoderState, index: JsonValue | undefined, delta: JsonObject): BlockReader | undefined {
  const start = IMPLICIT_BLOCKS.get(delta['type'])
  if (start !== undefined) openBlock(state, index, start)
  return state.blocks.get(index)
}

function openBlock(state: DecoderState, index: JsonValue | undefined, begun: JsonValue | undefined): void {
  const start = typeof begun === 'string' ? { type: 'text', text: begun } : begun
  if (!isJsonObject(start)) return reportStray(state, 'content_block_start')
  const earlier = state.blocks.get(index)
  if (earlier !== undefined && isRepeated(start, earlier)) return
  if (state.nextBlock >= MAX_BLOCKS)
    return fail(state, { kind: 'overflow', message: `the answer has more than ${MAX_BLOCKS} blocks` })
  earlier?.close()
  closeFinished(state, index)
  const { emit, context, tell } = state
  const { newId, report } = context
  state.blocks.set(index, createBlockReader(start, { block: state.nextBlock++, emit, newId, report, tell }))
}

function isRepeated({ type, id }: JsonObject, earlier: BlockReader): boolean {
  return type === earlier.type && (id ?? earlier.id) === earlier.id
}

/** Some servers forget to end a block. Only calls may run beside each other: anything else is over when the next begins. */
function closeFinished(state: DecoderState, next: JsonValue | undefined): void {
  for (const [index, block] of state.blocks) {
    if (index === next || block.type === 'tool_use') continue
    block.close()
    state.blocks.delete(index)
  }
}

function closeBlock(state: DecoderState, index: JsonValue | undefined): void {
  state.blocks.get(index)?.close()
  state.blocks.delete(index)
}

function startMessage(state: DecoderState, message: JsonValue | undefined): void {
  if (!isJsonObject(message)) return fail(state, NO_MESSAGE)
  const id = optionalString(message['id'])
  state.tell(message, ANSWER)
  if (state.hasStarted) return repeatStart(state, id, message['usage'])
  state.hasStarted = true
  state.messageId = id
  state.emit({ type: 'start', id, model: optionalString(message['model']) })
  takeUsage(state, message['usage'])
  takeStop(state, message)
  reportVendorState(state, message)
  if (!saysNothing(message['content']))
    entriesOf(message['content']).forEach((block, position) => readWholeBlock(state, block, position))
}

/** Some proxies send the start twice, the second time with the real counts. */
function repeatStart(state: DecoderState, id: string | undefined, usage: JsonValue | undefined): void {
  if (id === state.messageId) takeUsage(state, usage)
  else fail(state, SECOND_ANSWER)
}

/** Blocks that stand in the start event are complete. Their key is no number, so that index 0 stays free. */
function readWholeBlock(state: DecoderState, start: JsonValue, position: number): void {
  openBlock(state, `start ${position}`, start)
  closeBlock(state, `start ${position}`)
}

function readMessageDelta(state: DecoderState, body: JsonObject): void {
  state.tell(body, END)
  takeUsage(state, body['usage'])
  reportVendorState(state, body)
  const delta = body['delta']
  if (!isJsonObject(delta)) return
  state.tell(delta, STOP)
  takeStop(state, delta)
  reportVendorState(state, delta)
}

/** The three members need not come in one event; what an event leaves out stays. */
function takeStop(state: DecoderState, { stop_reason, stop_sequence, stop_details }: JsonObject): void {
  const { rawStop } = state
  state.rawStop = {
    reason: stop_reason ?? rawStop.reason,
    sequence: stop_sequence ?? rawStop.sequence,
    details: stop_details ?? rawStop.details,
  }
}

/** Counts are cumulative: what a report names replaces what was known, what it leaves out stays. */
function takeUsage(state: DecoderState, report: JsonValue | undefined): void {
  if (!isJsonObject(report)) return
  state.tell(report, USAGE)
  const changes = Object.entries(report).filter(([, value]) => value != null)
  state.rawUsage = { ...state.rawUsage, ...Object.fromEntries(changes) }
  const usage = decodeUsage(state.rawUsage)
  if (usage !== undefined) state.emit({ type: 'usage', usage })
}

function endMessage(state: DecoderState): void {
  if (saidNothing(state)) return fail(state, TRUNCATED)
  for (const block of state.blocks.values()) block.close()
  state.blocks.clear()
  state.isOver = true
  state.emit({ type: 'finish', ...decodeStop(state.rawStop, state.context.report) })
  state.emit({ type: 'end' })
}

/** An end and nothing else is no answer. */
function saidNothing({ nextBlock, rawStop, isWhole }: DecoderState): boolean {
  return !isWhole && nextBlock === 0 && (rawStop.reason ?? rawStop.sequence ?? rawStop.details) == null
}

/** Something has come and no call is cut in two. */
function canEndLeniently(state: DecoderState): boolean {
  return state.nextBlock > 0 && [...state.blocks.values()].every((block) => block.type !== 'tool_use')
}

function fail(state: DecoderState, failure: Failure): void {
  state.isOver = true
  state.emit({ type: 'failure', failure })
}

function reportLate(state: DecoderState, type: unknown): void {
  state.context.report({
    code: 'event_after_end',
    level: 'info',
    path: `#${clip(type)}`,
    message: 'an event after the end of the answer was ignored',
  })
}

function reportUnknown(state: DecoderState, type: unknown): void {
  state.context.report({
    code: 'unknown_field',
    level: 'info',
    path: `#${clip(type)}`,
    message: 'an event of this type is not known and was ignored',
  })
}

/** A piece of a call or a summary whose start never came, or of another kind than its block: nothing can carry it. */
function reportStray(state: DecoderState, type: unknown): void {
  state.context.report({
    code: 'malformed_event',
    level: 'lossy',
    path: `#${clip(type)}`,
    message: 'a piece of a block that was never begun, or is of another kind, was left out',
  })
}

function reportVendorState(state: DecoderState, source: JsonObject): void {
  for (const key of VENDOR_STATE) {
    if (source[key] == null) continue
    state.context.report({
      code: 'param_unsupported',
      level: 'info',
      path: `/${key}`,
      message: `${key} of the answer has no place in another format`,
    })
  }
}

/** Types come from outside: shown at most 64 characters long. */
function clip(type: unknown): string {
  return typeof type === 'string' ? type.slice(0, 64) : 'untyped'
}
