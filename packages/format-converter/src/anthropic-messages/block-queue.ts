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

/**
 * Puts blocks that are open at the same time in order: a Messages stream has one open block. The first is written as it
 * comes, the others wait. Only parallel calls ever wait: every other block is closed by its decoder before the next opens.
 */
export class BlockQueue {
  readonly #message: MessageState
  /** Open blocks in order of opening; the first is the one that is written. */
  readonly #slots: Slot[] = []
  #waiting = 0
  #hasLogprobs = false

  constructor(message: MessageState) {
    this.#message = message
  }

  /** More had to wait than the bound allows; nothing more may be written. */
  get isOverflown(): boolean {
    return this.#waiting > MAX_WAITING
  }

  /** What waits for its turn, in UTF-16 units. */
  get waiting(): number {
    return this.#waiting
  }

  /** @param logprobs - they have no place here, which is told once */
  delta(block: number, text: string, logprobs?: JsonValue): string {
    if (logprobs !== undefined) this.#reportLogprobs()
    const focus = this.#slots[0]
    if (focus?.number === block)
      return this.#slots.length === 1 ? focus.writer.delta(text) : focus.writer.delta(text) + this.#advance()
    const slot = this.#slotOf(block)
    return slot === undefined ? reportLate(this.#message, text) : this.#wait(slot, text)
  }

  write(event: BlockEvent): string {
    if (event.type === 'open') {
      this.#slots.push(createSlot(event, this.#message))
      return this.#advance()
    }
    const slot = this.#slotOf(event.block)
    if (slot === undefined) return event.type === 'close' ? '' : reportLate(this.#message, event.type)
    const isFirst = slot === this.#slots[0]
    if (event.type !== 'close') return isFirst ? deliver(slot.writer, event) : this.#wait(slot, event)
    slot.hasEnded = true
    slot.raw = event.raw
    return isFirst ? this.#advance() : ''
  }

  /** Closes everything, in order of opening. */
  finish(): string {
    for (const slot of this.#slots) slot.hasEnded = true
    return this.#advance()
  }

  #slotOf(block: number): Slot | undefined {
    return this.#slots.find((slot) => slot.number === block)
  }

  /** Writes what the first block has to say, and moves on as long as it has nothing more to say. */
  #advance(): string {
    let text = ''
    for (let slot = this.#slots[0]; slot !== undefined; slot = this.#slots[0]) {
      text += this.#flush(slot)
      if (!slot.hasEnded && !this.#mayGiveWay(slot)) break
      text += slot.writer.close(slot.raw)
      this.#slots.shift()
    }
    return text
  }

  #flush(slot: Slot): string {
    let text = slot.hasOpened ? '' : slot.writer.open()
    slot.hasOpened = true
    for (const item of slot.waiting) {
      this.#waiting -= sizeOf(item)
      text += typeof item === 'string' ? slot.writer.delta(item) : deliver(slot.writer, item)
    }
    if (slot.waiting.length > 0) slot.waiting = []
    return text
  }

  /** A call that nobody closed gives way to the next block, by the policy that was chosen. */
  #mayGiveWay(slot: Slot): boolean {
    const { parallelCalls } = this.#message.context.options
    if (this.#slots.length < 2 || !slot.isCall || parallelCalls === 'serialize') return false
    return parallelCalls === 'eager' || slot.writer.isComplete()
  }

  /** Beyond the bound nothing is kept: the stream is about to be ended. */
  #wait(slot: Slot, item: string | BlockEvent): '' {
    this.#waiting += sizeOf(item)
    if (!this.isOverflown) slot.waiting.push(item)
    return ''
  }

  #reportLogprobs(): void {
    if (!this.#hasLogprobs) this.#message.context.report(LOGPROBS_DROPPED)
    this.#hasLogprobs = true
  }
}

function createSlot(event: BlockEvent & { type: 'open' }, message: MessageState): Slot {
  const writer = createBlockWriter(event.part, message)
  const isCall = event.part.type === 'tool-call'
  return { number: event.block, isCall, writer, waiting: [], hasOpened: false, hasEnded: false, raw: undefined }
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
