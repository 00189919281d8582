import type { EncodeAnswerContext } from '../codec.ts'
import type { AnswerEvent, OpenPart } from '../model/answer-event.ts'
import type { Failure } from '../model/failure.ts'
import type { JsonObject } from '../model/json.ts'
import { knowsTokens, mergeUsage, type Usage } from '../model/usage.ts'
import { explanationIn, EXPLANATION_UNTOLD } from '../wire/openai-declines.ts'
import { encodeResponseError } from '../wire/openai-errors.ts'
import { isOpenAiTier } from '../wire/openai-tiers.ts'
import { PAUSED } from './answer-losses.ts'
import { createAnswerWriter, type AnswerWriter, type ItemWriter } from './answer-writer.ts'
import { bridgeOfPart, declaredBridges } from './declared-bridges.ts'
import { createResponseObject } from './response-object.ts'
import { encodeStop } from './stop-reason.ts'
import type { ToolBridge } from './tool-bridges.ts'
import { encodeUsage } from './usage.ts'
import { beginBridgedCall, beginCall } from './write-call.ts'
import { repeatDecline, writeDecline } from './write-decline.ts'
import { createCompactionWriter, createHostedWriter, finishSearch, type HostedState } from './write-hosted.ts'
import { createMessageWriter, type MessageWriter } from './write-message.ts'
import { createReasoningWriter } from './write-reasoning.ts'

type Finish = Extract<AnswerEvent, { type: 'finish' }>
type Close = Extract<AnswerEvent, { type: 'close' }>

/** A block that is open. */
interface OpenBlock {
  readonly item: ItemWriter
  /** The message that a text block adds to. */
  readonly message?: MessageWriter
}

/** Something that is ended by the next event: only then is it known whether the answer was cut. */
interface Unfinished {
  /** Number of the block that it began with, or ended with. */
  readonly block: number
  readonly item: Pick<ItemWriter, 'finish'>
}

interface State {
  readonly context: EncodeAnswerContext
  readonly writer: AnswerWriter
  readonly hosted: HostedState
  readonly bridges: ReadonlyMap<string, ToolBridge>
  readonly blocks: Map<number, OpenBlock>
  /** The message that a neighbouring text block would join. */
  message: MessageWriter | undefined
  held: Unfinished[]
  response: JsonObject | undefined
  upstreamModel: string | undefined
  usage: Usage | undefined
  finish: Finish | undefined
  hasRefusal: boolean
  hasContent: boolean
}

/** Builds a response from answer events: the text of each event of its stream, and the whole object at the end. */
export interface ResponseWriter {
  /** `response.created` and `response.in_progress`, once. */
  begin(): string
  write(event: AnswerEvent): string
  /** `response.in_progress` again: a keep-alive that every client takes and counts. */
  inProgress(): string
  /** The whole response as it ended. */
  final(): JsonObject | undefined
  /** Set when the answer was larger than Relay keeps. */
  failure(): Failure | undefined
  /** Characters that are kept for the final events. */
  kept(): number
  /** Events so far. */
  events(): number
}

const OVERFLOW: Failure = { kind: 'overflow', message: 'the answer needs more than 64 Mi characters of memory' }
const UNFINISHED: Failure = { kind: 'upstream_truncated', message: 'the answer ended without a reason to stop' }

export function createResponseWriter(context: EncodeAnswerContext): ResponseWriter {
  const state = createState(context)
  let final: JsonObject | undefined
  let failure: Failure | undefined

  function write(event: AnswerEvent): string {
    if (final !== undefined) return ''
    if (event.type === 'delta') return writeDelta(event.block, event.text, event)
    switch (event.type) {
      case 'start':
        state.upstreamModel = event.model
        return context.options.holdStart ? '' : begin(state)
      case 'usage':
        state.usage = mergeUsage(state.usage, event.usage)
        return ''
      case 'ping':
        return ''
      case 'failure':
        return stopWith(event.failure)
      case 'end':
        return state.finish === undefined ? stopWith(UNFINISHED) : begin(state) + end(state.finish)
      case 'open':
      case 'boundary':
      case 'citation':
      case 'seal':
      case 'close':
      case 'finish':
        return begin(state) + writeBlockEvent(state, event)
    }
  }

  function writeDelta(number: number, text: string, event: Extract<AnswerEvent, { type: 'delta' }>): string {
    const block = state.blocks.get(number)
    if (block === undefined || block.item.ignoresText === true) return ''
    const before = state.held.length > 0 ? flush(state) : ''
    const written = block.item.delta(text, event.logprobs)
    return state.writer.isOverflown() ? before + written + stopWith(OVERFLOW) : before + written
  }

  function end({ reason }: Finish): string {
    const { status, reason: cause } = encodeStop(reason, state.hasRefusal)
    final = finalResponse(state, { status, incomplete_details: cause === undefined ? null : { reason: cause } })
    return state.writer.event(`response.${status}`, { response: final })
  }

  function stopWith(reason: Failure): string {
    failure = reason
    // What the upstream had closed is finished, although nothing has come after it.
    const before = begin(state) + flush(state) + leaveMessage(state)
    final = finalResponse(state, { status: 'failed', error: encodeResponseError(reason) })
    return before + state.writer.event('response.failed', { response: final })
  }

  return {
    begin: () => begin(state),
    write,
    inProgress: () =>
      final === undefined && state.response !== undefined ? writeInProgress(state, state.response) : '',
    final: () => final,
    failure: () => failure,
    kept: state.writer.kept,
    events: state.writer.events,
  }
}

function createState(context: EncodeAnswerContext): State {
  const writer = createAnswerWriter(context)
  return {
    context,
    writer,
    hosted: { writer, search: undefined },
    bridges: declaredBridges(context.clientRequest),
    blocks: new Map(),
    message: undefined,
    held: [],
    response: undefined,
    upstreamModel: undefined,
    usage: undefined,
    finish: undefined,
    hasRefusal: false,
    hasContent: false,
  }
}

function begin(state: State): string {
  if (state.response !== undefined) return ''
  const response = createResponseObject(state.context, state.upstreamModel)
  state.response = response
  return state.writer.event('response.created', { response }) + writeInProgress(state, response)
}

function writeInProgress({ writer }: State, response: JsonObject): string {
  return writer.event('response.in_progress', { response })
}

function finalResponse({ context, response, writer, usage }: State, outcome: JsonObject): JsonObject {
  const tier = usage?.serviceTier ?? ''
  return {
    ...response,
    ...(isOpenAiTier(tier) && { service_tier: tier }),
    ...outcome,
    completed_at: outcome['status'] === 'completed' ? context.nowSeconds() : null,
    output: writer.output(),
    usage: knowsTokens(usage) ? encodeUsage(usage) : null,
  }
}

function writeBlockEvent(
  state: State,
  event: Extract<AnswerEvent, { type: 'open' | 'boundary' | 'citation' | 'seal' | 'close' | 'finish' }>,
): string {
  switch (event.type) {
    case 'open':
      return flush(state) + openBlock(state, event.block, event.part)
    case 'boundary':
      return state.blocks.get(event.block)?.item.boundary() ?? ''
    case 'citation':
      state.blocks.get(event.block)?.item.cite(event.citation)
      return ''
    case 'seal':
      state.blocks.get(event.block)?.item.seal(event.seal)
      return ''
    case 'close':
      return closeBlock(state, event)
    case 'finish':
      return finishItems(state, event)
  }
}

function openBlock(state: State, number: number, part: OpenPart): string {
  if (part.type === 'text' || part.type === 'refusal') return openText(state, number, part)
  const before = leaveMessage(state)
  if (part.type !== 'tool-call') {
    state.blocks.set(number, { item: writerOf(state, part) })
    return before
  }
  state.hasContent = true
  const bridge = bridgeOfPart(part, state.bridges)
  const { item, text } =
    bridge === undefined ? beginCall(state.writer, part) : beginBridgedCall(state.writer, part, bridge)
  state.blocks.set(number, { item })
  return before + text
}

function writerOf(state: State, part: Exclude<OpenPart, { type: 'text' | 'refusal' | 'tool-call' }>): ItemWriter {
  switch (part.type) {
    case 'reasoning':
      return createReasoningWriter(state.writer, part)
    case 'server-tool':
    case 'opaque':
      return createHostedWriter(state.hosted, part)
    case 'compaction':
      return createCompactionWriter(state.writer)
  }
}

/** A text block joins the message before it, unless the upstream began a new one or it is of another phase. */
function openText(state: State, number: number, part: OpenPart & { type: 'text' | 'refusal' }): string {
  const phase = part.type === 'text' ? part.phase : state.message?.phase
  const startsMessage = part.type === 'text' && part.startsMessage === true
  const joins = state.message !== undefined && !startsMessage && state.message.phase === phase
  const before = joins ? '' : leaveMessage(state)
  const message = joins && state.message !== undefined ? state.message : createMessageWriter(state.writer, phase)
  state.message = message
  state.hasRefusal ||= part.type === 'refusal'
  state.hasContent = true
  state.blocks.set(number, { item: message.block(part.type), message })
  return before
}

/** Something else comes: the message ends now, or when its last block does. */
function leaveMessage(state: State): string {
  const { message } = state
  state.message = undefined
  return message === undefined || message.openBlocks() > 0 ? '' : message.finish(false)
}

function closeBlock(state: State, { block: number, raw }: Close): string {
  const block = state.blocks.get(number)
  if (block === undefined) return ''
  state.blocks.delete(number)
  const { item, message } = block
  item.close(raw)
  if (message === undefined) {
    state.held.push({ block: number, item })
    return ''
  }
  const annotations = item.finish(false)
  if (message !== state.message && message.openBlocks() === 0) state.held.push({ block: number, item: message })
  return annotations
}

/** Ends what waited, all of which was followed by something. */
function flush(state: State): string {
  if (state.held.length === 0) return ''
  let text = ''
  for (const { item } of state.held) text += item.finish(false)
  state.held = []
  return text
}

/** Ends everything at the place where the answer was cut: the item that began last broke off there, whichever ends last. */
function flushCut({ held, message }: State): string {
  const last = message === undefined ? Math.max(...held.map(({ block }) => block)) : undefined
  return held.map(({ block, item }) => item.finish(block === last)).join('')
}

function finishItems(state: State, finish: Finish): string {
  state.finish = finish
  if (finish.reason === 'pause') state.context.report(PAUSED)
  const { message } = state
  const isRefusal = finish.reason === 'refusal'
  const repeated = isRefusal ? repeatExplanation(state, finish) : ''
  const isCut = encodeStop(finish.reason, state.hasRefusal).status === 'incomplete'
  const held = isCut ? flushCut(state) : flush(state)
  state.held = []
  state.message = undefined
  const text = held + repeated + (message?.finish(isCut) ?? '') + finishSearch(state.hosted)
  return isRefusal && !state.hasContent ? text + writeDecline(state.writer, finish.details) : text
}

function repeatExplanation(state: State, { details }: Finish): string {
  const repeated = repeatDecline(state.message, details)
  state.hasRefusal ||= repeated !== ''
  if (state.hasContent && !state.hasRefusal && explanationIn(details) !== '') state.context.report(EXPLANATION_UNTOLD)
  return repeated
}
