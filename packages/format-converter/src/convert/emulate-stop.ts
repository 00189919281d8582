import type { AnswerEvent, EmitEvent } from '../model/answer-event.ts'

export interface StopWatch {
  /** Not empty; an empty sequence in it is never met. */
  readonly stop: readonly string[]
  /** End the answer where it stops, without waiting for the counts that the upstream sends last. */
  readonly endsAtOnce: boolean
}

interface State {
  readonly stops: readonly string[]
  readonly emit: EmitEvent
  readonly endsAtOnce: boolean
  /** The text block that runs. */
  block: number | undefined
  /** The end of the text so far, which may be the beginning of a stop sequence. */
  held: string
  hasStopped: boolean
}

/**
 * Stops an answer at the client's stop sequences where the upstream cannot: text that may be the beginning of one is held
 * back, and the answer ends in front of the first that is met. Reasoning and arguments of calls are not looked at.
 */
export function emulateStop({ stop, endsAtOnce }: StopWatch, emit: EmitEvent): EmitEvent {
  const stops = stop.filter((sequence) => sequence !== '')
  const state: State = { stops, emit, endsAtOnce, block: undefined, held: '', hasStopped: false }
  return (event) => {
    if (state.hasStopped) passAfterStop(state, event)
    else if (event.type === 'open' && event.part.type === 'text') openText(state, event)
    else if (event.type === 'delta' && event.block === state.block) takeText(state, event.text)
    else passOther(state, event)
  }
}

/** What was generated beyond the stop is not the client's, nor is trouble that came there; what was counted is. */
function passAfterStop({ emit, endsAtOnce }: State, event: AnswerEvent): void {
  if (endsAtOnce) return
  if (event.type === 'usage') emit(event)
  if (event.type === 'end' || event.type === 'failure') emit({ type: 'end' })
}

function openText(state: State, event: Extract<AnswerEvent, { type: 'open' }>): void {
  release(state)
  state.block = event.block
  state.emit(event)
}

/** The texts of one answer are one text only within a block. */
function passOther(state: State, event: AnswerEvent): void {
  const endsText = event.type === 'finish' || (event.type === 'close' && event.block === state.block)
  if (endsText) {
    release(state)
    state.block = undefined
  }
  state.emit(event)
}

function takeText(state: State, text: string): void {
  const whole = state.held + text
  const met = firstStop(whole, state.stops)
  if (met !== undefined) return stopAt(state, whole.slice(0, met.at), met.sequence)
  const length = heldLength(whole, state.stops)
  state.held = whole.slice(whole.length - length)
  write(state, whole.slice(0, whole.length - length))
}

function stopAt(state: State, text: string, stopSequence: string): void {
  state.held = ''
  write(state, text)
  state.hasStopped = true
  state.emit({ type: 'finish', reason: 'stop_sequence', stopSequence })
  if (state.endsAtOnce) state.emit({ type: 'end' })
}

function release(state: State): void {
  const { held } = state
  state.held = ''
  write(state, held)
}

function write({ block, emit }: State, text: string): void {
  if (block !== undefined && text !== '') emit({ type: 'delta', block, text })
}

interface MetStop {
  readonly at: number
  readonly sequence: string
}

/** The stop sequence that is met first; of two at one place the longer one. */
function firstStop(text: string, stops: readonly string[]): MetStop | undefined {
  let first: MetStop | undefined
  for (const sequence of stops) {
    const at = text.indexOf(sequence)
    if (at === -1) continue
    const isBetter =
      first === undefined || at < first.at || (at === first.at && sequence.length > first.sequence.length)
    if (isBetter) first = { at, sequence }
  }
  return first
}

/** Length of the longest end of `text` that some stop sequence begins with. */
function heldLength(text: string, stops: readonly string[]): number {
  let longest = 0
  for (const sequence of stops) {
    for (let length = Math.min(sequence.length - 1, text.length); length > longest; length -= 1) {
      if (text.endsWith(sequence.slice(0, length))) longest = length
    }
  }
  return longest
}
