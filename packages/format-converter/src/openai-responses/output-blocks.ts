import type { AnswerEvent, EmitEvent, OpenPart } from '../model/answer-event.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import { LOGPROBS_LOST } from '../wire/token-logprobs.ts'
import { DIFFERENT_TEXT, HOMELESS_CITATION, LATE_DELTA } from './answer-losses.ts'
import { citationOf } from './content.ts'
import { createReceivedText, receive, remainderOf, type ReceivedText } from './received-text.ts'

/** A block of the answer while its events come. */
export interface OutputBlock {
  readonly number: number
  readonly part: OpenPart
  readonly received: ReceivedText
  citations: number
  hasLogprobs: boolean
  /** It was told that its final text is not what its fragments say. */
  isDisputed: boolean
  isClosed: boolean
}

/** Opens, feeds and closes the blocks of one answer. */
export interface OutputBlocks {
  open(part: OpenPart): OutputBlock
  delta(block: OutputBlock, text: string, logprobs?: JsonValue): void
  /**
   * The whole text: what of it has not come yet is written; `logprobs` are of the whole text too.
   *
   * @returns the block that has all of the text now: another one, where this one was closed too early
   */
  complete(block: OutputBlock, text: string, logprobs?: JsonValue): OutputBlock
  boundary(block: OutputBlock): void
  cite(block: OutputBlock, annotation: JsonValue | undefined): void
  /** All annotations of the part: those that have not come yet are written. */
  completeCitations(block: OutputBlock, annotations: readonly JsonValue[]): void
  emit(event: AnswerEvent): void
  close(block: OutputBlock, raw?: JsonObject): void
  /** Blocks that were closed, and blocks that are open. */
  closed(): number
  openCalls(): number
}

interface OutputBlocksInit {
  readonly emit: EmitEvent
  readonly report: ReportLoss
}

function createBlock(number: number, part: OpenPart): OutputBlock {
  const received = createReceivedText()
  return { number, part, received, citations: 0, hasLogprobs: false, isDisputed: false, isClosed: false }
}

export function createOutputBlocks({ emit, report }: OutputBlocksInit): OutputBlocks {
  let count = 0
  let closed = 0
  let openCalls = 0

  function open(part: OpenPart): OutputBlock {
    const block = createBlock(count, part)
    count += 1
    if (part.type === 'tool-call') openCalls += 1
    emit({ type: 'open', block: block.number, part })
    return block
  }

  function delta(block: OutputBlock, text: string, logprobs?: JsonValue): void {
    if (text === '') return
    if (block.isClosed) return report(LATE_DELTA)
    receive(block.received, text)
    block.hasLogprobs ||= logprobs !== undefined
    emit({ type: 'delta', block: block.number, text, logprobs })
  }

  function complete(block: OutputBlock, text: string, logprobs?: JsonValue): OutputBlock {
    const rest = remainderOf(block.received, text)
    if (block.isClosed && rest === '') return block
    if (rest === undefined || (block.isClosed && block.part.type === 'tool-call')) return dispute(block)
    const goesOn = block.isClosed ? goOn(block) : block
    delta(goesOn, rest, rest === text ? logprobs : undefined)
    if (logprobs !== undefined && !goesOn.hasLogprobs) report(LOGPROBS_LOST)
    return goesOn
  }

  function dispute(block: OutputBlock): OutputBlock {
    if (!block.isDisputed) report(DIFFERENT_TEXT)
    block.isDisputed = true
    return block
  }

  /** Some servers end a text before all of it was told. */
  function goOn({ part, received, citations, hasLogprobs }: OutputBlock): OutputBlock {
    const isBegun = part.type === 'text' && received.length > 0
    const block = open(isBegun ? { ...part, startsMessage: false } : part)
    return Object.assign(block, { received, citations, hasLogprobs })
  }

  function cite(block: OutputBlock, annotation: JsonValue | undefined): void {
    block.citations += 1
    const citation = citationOf(annotation)
    if (citation === undefined) return
    if (block.isClosed) return report(HOMELESS_CITATION)
    emit({ type: 'citation', block: block.number, citation })
  }

  function completeCitations(block: OutputBlock, annotations: readonly JsonValue[]): void {
    for (const annotation of annotations.slice(block.citations)) cite(block, annotation)
  }

  function close(block: OutputBlock, raw?: JsonObject): void {
    if (block.isClosed) return
    block.isClosed = true
    closed += 1
    if (block.part.type === 'tool-call') openCalls -= 1
    emit(raw === undefined ? { type: 'close', block: block.number } : { type: 'close', block: block.number, raw })
  }

  return {
    open,
    delta,
    complete,
    boundary: (block) => emit({ type: 'boundary', block: block.number }),
    cite,
    completeCitations,
    emit,
    close,
    closed: () => closed,
    openCalls: () => openCalls,
  }
}
