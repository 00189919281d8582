import type { AnswerEvent, EmitEvent, OpenPart } from '../model/answer-event.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import { LOGPROBS_LOST } from '../wire/token-logprobs.ts'
import { DIFFERENT_TEXT, LATE_DELTA } from './answer-losses.ts'
import { citationOf } from './content.ts'
import { createReceivedText, receive, remainderOf, type ReceivedText } from './received-text.ts'

/** A block of the answer while its events come. */
export interface OutputBlock {
  readonly number: number
  readonly part: OpenPart
  readonly received: ReceivedText
  citations: number
  hasLogprobs: boolean
  isClosed: boolean
}

/** Opens, feeds and closes the blocks of one answer. */
export interface OutputBlocks {
  open(part: OpenPart): OutputBlock
  delta(block: OutputBlock, text: string, logprobs?: JsonValue): void
  /** The whole text: what of it has not come yet is written; `logprobs` are of the whole text too. */
  complete(block: OutputBlock, text: string, logprobs?: JsonValue): void
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

export function createOutputBlocks({ emit, report }: OutputBlocksInit): OutputBlocks {
  let count = 0
  let closed = 0
  let openCalls = 0

  function open(part: OpenPart): OutputBlock {
    const block: OutputBlock = {
      number: count,
      part,
      received: createReceivedText(),
      citations: 0,
      hasLogprobs: false,
      isClosed: false,
    }
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

  function complete(block: OutputBlock, text: string, logprobs?: JsonValue): void {
    if (block.isClosed) return
    const rest = remainderOf(block.received, text)
    if (rest === undefined) report(DIFFERENT_TEXT)
    else delta(block, rest, rest === text ? logprobs : undefined)
    if (logprobs !== undefined && !block.hasLogprobs) report(LOGPROBS_LOST)
  }

  function cite(block: OutputBlock, annotation: JsonValue | undefined): void {
    const citation = citationOf(annotation)
    if (block.isClosed || citation === undefined) return
    block.citations += 1
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
