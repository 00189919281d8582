import type { AnswerEvent, OpenPart } from '../model/answer-event.ts'
import type { Answer, AnswerBlock } from '../model/answer.ts'
import type { Citation } from '../model/content-part.ts'
import { isJsonArray, type JsonObject, type JsonValue } from '../model/json.ts'
import type { Seal } from '../model/seal.ts'
import type { StopReason } from '../model/stop-reason.ts'
import { mergeUsage, type Usage } from '../model/usage.ts'

/** Collects the events of one answer. */
export interface AnswerFold {
  readonly push: (event: AnswerEvent) => void
  /** The answer so far; complete once `end` has passed. */
  result(): Answer
}

interface BlockUnderConstruction {
  readonly part: OpenPart
  /** Text fragments per section; joined once at the end. */
  readonly sections: string[][]
  readonly citations: Citation[]
  readonly logprobs: JsonValue[]
  seal?: Seal
  raw?: JsonObject
}

/** Folds events into a whole answer: the reverse of decoding one. */
export function createAnswerFold(): AnswerFold {
  const blocks = new Map<number, BlockUnderConstruction>()
  let start: AnswerEvent & { type: 'start' } = { type: 'start' }
  let usage: Usage | undefined
  let stop: StopReason = 'unknown'
  let stopSequence: string | undefined
  let stopDetails: JsonObject | undefined

  function push(event: AnswerEvent): void {
    switch (event.type) {
      case 'start':
        start = event
        return
      case 'open':
        blocks.set(event.block, { part: event.part, sections: [[]], citations: [], logprobs: [] })
        return
      case 'usage':
        usage = mergeUsage(usage, event.usage)
        return
      case 'finish':
        stop = event.reason
        stopSequence = event.stopSequence
        stopDetails = event.details
        return
      case 'delta':
      case 'boundary':
      case 'citation':
      case 'seal':
      case 'close':
        return addToBlock(blocks.get(event.block), event)
      case 'failure':
      case 'ping':
      case 'end':
        return
    }
  }

  function result(): Answer {
    const { id, model, createdSeconds, fingerprint } = start
    return {
      id,
      model,
      createdSeconds,
      fingerprint,
      blocks: [...blocks.values()].map(finishBlock),
      usage,
      stop,
      stopSequence,
      stopDetails,
    }
  }

  return { push, result }
}

type BlockEvent = AnswerEvent & { type: 'delta' | 'boundary' | 'citation' | 'seal' | 'close' }

function addToBlock(block: BlockUnderConstruction | undefined, event: BlockEvent): void {
  if (block === undefined) return
  switch (event.type) {
    case 'delta':
      block.sections.at(-1)?.push(event.text)
      for (const entry of isJsonArray(event.logprobs) ? event.logprobs : []) block.logprobs.push(entry)
      return
    case 'boundary':
      if (block.sections.at(-1)?.length !== 0) block.sections.push([])
      return
    case 'citation':
      block.citations.push(event.citation)
      return
    case 'seal':
      block.seal = event.seal
      return
    case 'close':
      if (event.raw !== undefined) block.raw = event.raw
  }
}

function finishBlock(block: BlockUnderConstruction): AnswerBlock {
  const sections = block.sections.map((fragments) => fragments.join(''))
  return {
    part: block.part,
    text: sections.join('\n\n'),
    sections,
    citations: block.citations,
    seal: block.seal,
    logprobs: block.logprobs.length === 0 ? undefined : block.logprobs,
    raw: block.raw,
  }
}
