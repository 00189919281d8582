import type { AnswerEvent } from '../model/answer-event.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import { LOGPROBS_DROPPED } from './answer-losses.ts'
import { createBlockWriter, type BlockWriter, type MessageState } from './write-block.ts'

/** Bound of the text that waits for its turn, in UTF-16 units. */
const MAX_WAITING = 8 * 1024 * 1024
/** What an event costs beside its text: bounds a flood of empty ones. */
const EVENT_COST = 64

/** An event of one block that is not its text. */
export type BlockEvent = AnswerEvent & { type: 'open' | 'boundary' | 'citation' | 'seal' | 'close' }

/**
 * Puts blocks that are open at the same time in order: a Messages stream has one open block. The first is written as it
 * comes, the others wait. Only parallel calls ever wait: every other block is closed by its decoder before the next opens.
 */
export interface BlockQueue {
  /** @param logprobs - they have no place here, which is told once */
  delta(block: number, text: string, logprobs?: JsonValue): string
  write(event: BlockEvent): string
  /** Closes everything, in order of opening. */
  finish(): string
  /** More had to wait than the bound allows; nothing more may be written. */
  isOverflown(): boolean
  /** What waits for its turn, in UTF-16 units. */
  waiting(): number
}

interface Slot {
  readonly number: number
  readonly isCall: boolean
  readonly writer: BlockWriter
  /** What arrived while another block was written. */
  waiting: (string | BlockEvent)[]
  hasOpened: boolean
  hasEnded: boolean
  raw: JsonObject | undefined
}

interface QueueState {
  readonly message: MessageState
  /** Open blocks in order of opening; the first is the one that is written. */
  readonly slots: Slot[]
  waitingSize: number
  hasLogprobs: boolean
}

export function createBlockQueue(message: MessageState): BlockQueue {
  const state: QueueState = { message, slots: [], waitingSize: 0, hasLogprobs: false }
  const { slots } = state

  function delta(block: number, text: string, logprobs?: JsonValue): string {
    if (logprobs !== undefined && !state.hasLogprobs) reportLogprobs(state)
    const focus = slots[0]
    if (focus?.number === block)
      return slots.length === 1 ? focus.writer.delta(text) : focus.writer.delta(text) + advance(state)
    const slot = slots.find((candidate) => candidate.number === block)
    if (slot === undefined) return reportLate(message, text)
    return wait(state, slot, text)
  }

  function write(event: BlockEvent): string {
    if (event.type === 'open') {
      slots.push(createSlot(event, message))
      return advance(state)
    }
    const slot = slots.find((candidate) => candidate.number === event.block)
    if (slot === undefined) return event.type === 'close' ? '' : reportLate(message, event.type)
    if (event.type !== 'close') return slot === slots[0] ? deliver(slot.writer, event) : wait(state, slot, event)
    slot.hasEnded = true
    slot.raw = event.raw
    return slot === slots[0] ? advance(state) : ''
  }

  function finish(): string {
    for (const slot of slots) slot.hasEnded = true
    return advance(state)
  }

  return {
    delta,
    write,
    finish,
    isOverflown: () => state.waitingSize > MAX_WAITING,
    waiting: () => state.waitingSize,
  }
}

function createSlot(event: BlockEvent & { type: 'open' }, message: MessageState): Slot {
  const writer = createBlockWriter(event.part, message)
  const isCall = event.part.type === 'tool-call'
  return { number: event.block, isCall, writer, waiting: [], hasOpened: false, hasEnded: false, raw: undefined }
}

/** Writes what the first block has to say, and moves on as long as it has nothing more to say. */
function advance(state: QueueState): string {
  let text = ''
  for (let slot = state.slots[0]; slot !== undefined; slot = state.slots[0]) {
    text += flush(state, slot)
    if (!slot.hasEnded && !mayGiveWay(state, slot)) break
    text += slot.writer.close(slot.raw)
    state.slots.shift()
  }
  return text
}

function flush(state: QueueState, slot: Slot): string {
  let text = slot.hasOpened ? '' : slot.writer.open()
  slot.hasOpened = true
  for (const item of slot.waiting) {
    state.waitingSize -= sizeOf(item)
    text += typeof item === 'string' ? slot.writer.delta(item) : deliver(slot.writer, item)
  }
  if (slot.waiting.length > 0) slot.waiting = []
  return text
}

/** A call that nobody closed gives way to the next block, by the policy that was chosen. */
function mayGiveWay({ slots, message }: QueueState, slot: Slot): boolean {
  const { parallelCalls } = message.context.options
  if (slots.length < 2 || !slot.isCall || parallelCalls === 'serialize') return false
  return parallelCalls === 'eager' || slot.writer.isComplete()
}

/** Beyond the bound nothing is kept: the stream is about to be ended. */
function wait(state: QueueState, slot: Slot, item: string | BlockEvent): '' {
  state.waitingSize += sizeOf(item)
  if (state.waitingSize <= MAX_WAITING) slot.waiting.push(item)
  return ''
}

function sizeOf(item: string | BlockEvent): number {
  return EVENT_COST + (typeof item === 'string' ? item.length : 0)
}

function deliver(writer: BlockWriter, event: BlockEvent): string {
  switch (event.type) {
    case 'boundary':
      return writer.boundary()
    case 'citation':
      return writer.citation(event.citation)
    case 'seal':
      writer.seal(event.seal)
      return ''
    case 'open':
    case 'close':
      return ''
  }
}

/** White space after a finished block means nothing. */
function reportLate({ context }: MessageState, text: string): '' {
  if (text.trim() === '') return ''
  const message = 'part of a block arrived after the block had been written and closed'
  context.report({ code: 'late_delta_dropped', level: 'lossy', path: '#content_block_delta', message })
  return ''
}

function reportLogprobs(state: QueueState): void {
  state.hasLogprobs = true
  state.message.context.report(LOGPROBS_DROPPED)
}
