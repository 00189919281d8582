import type { EmitEvent, OpenPart } from '../model/answer-event.ts'
import type { Citation } from '../model/content-part.ts'
import type { JsonValue } from '../model/json.ts'
import type { Seal } from '../model/seal.ts'

type RunningKind = 'text' | 'reasoning' | 'refusal'

/**
 * The blocks of a Chat answer. Text, reasoning and refusal run one at a time, and a change of kind closes the running
 * one; calls stay open until the end, because Chat never says that one is complete.
 */
export class AnswerBlocks {
  readonly #emit: EmitEvent
  readonly #takeSeal: () => Seal | undefined
  /** Blocks of the calls, all open. */
  readonly #calls: number[] = []
  /** Citations that wait for a text. */
  #waiting: Citation[] = []
  #running: RunningKind | undefined = undefined
  /** The running block's number. */
  #current = -1
  #next = 0

  /** @param takeSeal - the proof that belongs to the reasoning block that is about to close */
  constructor(emit: EmitEvent, takeSeal: () => Seal | undefined) {
    this.#emit = emit
    this.#takeSeal = takeSeal
  }

  /** Blocks opened so far. */
  get count(): number {
    return this.#next
  }

  text(piece: string, logprobs?: JsonValue): void {
    if (this.#running !== 'text') {
      // Some servers put a line break between two calls or after one: it is not an answer of its own.
      if (this.#calls.length > 0 && piece.trim() === '') return
      this.#run('text')
    }
    this.#emit({ type: 'delta', block: this.#current, text: piece, logprobs })
    if (this.#waiting.length > 0) this.#flushCitations()
  }

  reasoning(piece: string): void {
    this.#run('reasoning')
    this.delta(this.#current, piece)
  }

  /** Makes sure that a reasoning block runs, so that a proof has a place. */
  openReasoning(): void {
    this.#run('reasoning')
  }

  /** A reasoning block that is nothing but a proof. */
  prove(seal: Seal): void {
    this.#closeRunning()
    const block = this.#open({ type: 'reasoning', kind: 'full' })
    this.#emit({ type: 'seal', block, seal })
    this.#emit({ type: 'close', block })
  }

  refusal(piece: string): void {
    this.#run('refusal')
    this.delta(this.#current, piece)
  }

  /** Attaches to the running text, else to the next one. */
  cite(citation: Citation): void {
    this.#waiting.push(citation)
    if (this.#running === 'text') this.#flushCitations()
  }

  /** @returns the block's number, for {@link AnswerBlocks.delta} */
  openCall(part: OpenPart): number {
    this.#closeRunning()
    const block = this.#open(part)
    this.#calls.push(block)
    return block
  }

  delta(block: number, piece: string): void {
    this.#emit({ type: 'delta', block, text: piece, logprobs: undefined })
  }

  /** A block that is complete at once. */
  whole(part: OpenPart): void {
    this.#closeRunning()
    this.#emit({ type: 'close', block: this.#open(part) })
  }

  /** Closes everything. @returns citations that never found a text */
  closeAll(): readonly Citation[] {
    this.#closeRunning()
    for (const block of this.#calls) this.#emit({ type: 'close', block })
    return this.#waiting
  }

  /** Makes `kind` the running one. */
  #run(kind: RunningKind): void {
    if (this.#running === kind) return
    this.#closeRunning()
    this.#current = this.#open(kind === 'reasoning' ? { type: 'reasoning', kind: 'full' } : { type: kind })
    this.#running = kind
  }

  #open(part: OpenPart): number {
    const block = this.#next++
    this.#emit({ type: 'open', block, part })
    return block
  }

  #closeRunning(): void {
    if (this.#running === undefined) return
    const seal = this.#running === 'reasoning' ? this.#takeSeal() : undefined
    if (seal !== undefined) this.#emit({ type: 'seal', block: this.#current, seal })
    this.#emit({ type: 'close', block: this.#current })
    this.#running = undefined
  }

  #flushCitations(): void {
    for (const citation of this.#waiting) this.#emit({ type: 'citation', block: this.#current, citation })
    this.#waiting = []
  }
}
