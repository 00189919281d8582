import type { AnswerEvent, OpenPart } from '../model/answer-event.ts'
import type { Citation } from '../model/content-part.ts'
import type { JsonValue } from '../model/json.ts'
import type { Seal } from '../model/seal.ts'

type RunningKind = 'text' | 'reasoning' | 'refusal'

interface AnswerBlocksOptions {
  readonly emit: (event: AnswerEvent) => void
  /** The proof that belongs to the reasoning block that is about to close. */
  readonly takeSeal: () => Seal | undefined
}

/**
 * The blocks of a Chat answer. Text, reasoning and refusal run one at a time, and a change of kind closes the running
 * one; calls stay open until the end, because Chat never says that one is complete.
 */
export interface AnswerBlocks {
  text(text: string, logprobs?: JsonValue): void
  reasoning(text: string): void
  /** Makes sure that a reasoning block runs, so that a proof has a place. */
  openReasoning(): void
  /** A reasoning block that is nothing but a proof. */
  prove(seal: Seal): void
  refusal(text: string): void
  /** Attaches to the running text, else to the next one. */
  cite(citation: Citation): void
  /** @returns the block's number, for {@link AnswerBlocks.delta} */
  openCall(part: OpenPart): number
  delta(block: number, text: string): void
  /** A block that is complete at once. */
  whole(part: OpenPart): void
  /** Closes everything. @returns citations that never found a text */
  closeAll(): readonly Citation[]
  /** Blocks opened so far. */
  count(): number
}

interface State extends AnswerBlocksOptions {
  /** Blocks of the calls, all open. */
  readonly calls: number[]
  /** Citations that wait for a text. */
  waiting: Citation[]
  running: RunningKind | undefined
  /** The running block's number. */
  current: number
  next: number
}

export function createAnswerBlocks(options: AnswerBlocksOptions): AnswerBlocks {
  const { emit } = options
  const state: State = { ...options, calls: [], waiting: [], running: undefined, current: -1, next: 0 }

  function text(piece: string, logprobs?: JsonValue): void {
    if (state.running !== 'text') {
      // Some servers put a line break between two calls or after one: it is not an answer of its own.
      if (state.calls.length > 0 && piece.trim() === '') return
      run(state, 'text')
    }
    emit({ type: 'delta', block: state.current, text: piece, logprobs })
    if (state.waiting.length > 0) flushCitations(state)
  }

  function extend(kind: 'reasoning' | 'refusal', piece: string): void {
    run(state, kind)
    emit({ type: 'delta', block: state.current, text: piece, logprobs: undefined })
  }

  function cite(citation: Citation): void {
    state.waiting.push(citation)
    if (state.running === 'text') flushCitations(state)
  }

  function openCall(part: OpenPart): number {
    closeRunning(state)
    const block = open(state, part)
    state.calls.push(block)
    return block
  }

  function prove(seal: Seal): void {
    closeRunning(state)
    const block = open(state, { type: 'reasoning', kind: 'full' })
    emit({ type: 'seal', block, seal })
    emit({ type: 'close', block })
  }

  function whole(part: OpenPart): void {
    closeRunning(state)
    emit({ type: 'close', block: open(state, part) })
  }

  function closeAll(): readonly Citation[] {
    closeRunning(state)
    for (const block of state.calls) emit({ type: 'close', block })
    return state.waiting
  }

  return {
    text,
    reasoning: (piece) => extend('reasoning', piece),
    openReasoning: () => run(state, 'reasoning'),
    prove,
    refusal: (piece) => extend('refusal', piece),
    cite,
    openCall,
    delta: (block, piece) => emit({ type: 'delta', block, text: piece, logprobs: undefined }),
    whole,
    closeAll,
    count: () => state.next,
  }
}

/** Makes `kind` the running one. */
function run(state: State, kind: RunningKind): void {
  if (state.running === kind) return
  closeRunning(state)
  state.current = open(state, kind === 'reasoning' ? { type: 'reasoning', kind: 'full' } : { type: kind })
  state.running = kind
}

function open(state: State, part: OpenPart): number {
  const block = state.next
  state.next += 1
  state.emit({ type: 'open', block, part })
  return block
}

function closeRunning(state: State): void {
  if (state.running === undefined) return
  const seal = state.running === 'reasoning' ? state.takeSeal() : undefined
  if (seal !== undefined) state.emit({ type: 'seal', block: state.current, seal })
  state.emit({ type: 'close', block: state.current })
  state.running = undefined
}

function flushCitations(state: State): void {
  for (const citation of state.waiting) state.emit({ type: 'citation', block: state.current, citation })
  state.waiting = []
}
