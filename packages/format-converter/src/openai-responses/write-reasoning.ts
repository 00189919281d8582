import type { OpenPart } from '../model/answer-event.ts'
import type { JsonObject } from '../model/json.ts'
import type { Seal } from '../model/seal.ts'
import { deltaPrefix, type AnswerWriter, type ItemWriter } from './answer-writer.ts'
import { sealForClient } from './reasoning.ts'
import { INCLUDE_PROOFS, ITEM_PREFIX } from './wire.ts'

interface Reasoning {
  readonly writer: AnswerWriter
  readonly part: OpenPart & { type: 'reasoning' }
  readonly isShown: boolean
  readonly carriesProof: boolean
  /** The sections are parts of the item's content, not of its summary. */
  readonly isContent: boolean
  readonly sections: JsonObject[]
  id: string
  position: number
  prefix: string
  /** The section that runs; `undefined` between two. */
  section: string | undefined
  seal: Seal | undefined
}

/**
 * A reasoning item: its text as summary parts, its proof as `encrypted_content` where the client asked for proofs. The
 * item begins with its first text or proof; one that has neither is not written.
 */
export function createReasoningWriter(writer: AnswerWriter, part: OpenPart & { type: 'reasoning' }): ItemWriter {
  const { context } = writer
  const reasoning: Reasoning = {
    writer,
    part,
    isShown: context.showsReasoning,
    carriesProof: wantsProofs(context.clientRequest),
    isContent: context.options.reasoningAsContent && part.kind === 'full',
    sections: [],
    id: '',
    position: -1,
    prefix: '',
    section: undefined,
    seal: undefined,
  }
  return {
    delta: (text) => (reasoning.isShown && text !== '' ? writeText(reasoning, text) : ''),
    boundary: () => finishSection(reasoning),
    cite: () => {},
    seal: (seal) => {
      reasoning.seal = seal
    },
    close: () => {},
    finish: () => finishItem(reasoning),
  }
}

/** Without the client's request there is nobody to ask: the proof is not lost. */
function wantsProofs(request: JsonObject | undefined): boolean {
  const include = request?.['include']
  return request === undefined || (Array.isArray(include) && include.includes(INCLUDE_PROOFS))
}

function writeText(reasoning: Reasoning, text: string): string {
  const opening = beginItem(reasoning) + beginSection(reasoning)
  reasoning.section += text
  return opening + reasoning.writer.delta(reasoning.prefix, text)
}

function beginItem(reasoning: Reasoning): string {
  if (reasoning.id !== '') return ''
  const { writer, part } = reasoning
  reasoning.id = writer.itemId(ITEM_PREFIX.reasoning, part.itemId)
  reasoning.position = writer.nextPosition()
  return writer.add(reasoning.position, { id: reasoning.id, type: 'reasoning', summary: [] })
}

function placeOf({ id, position, sections, isContent }: Reasoning): JsonObject {
  const index = isContent ? { content_index: sections.length } : { summary_index: sections.length }
  return { item_id: id, output_index: position, ...index }
}

/** What a section of the text goes by. */
interface SectionWords {
  readonly type: string
  readonly added: string
  readonly delta: string
  readonly done: string
  readonly partDone: string
}

const SUMMARY: SectionWords = {
  type: 'summary_text',
  added: 'response.reasoning_summary_part.added',
  delta: 'response.reasoning_summary_text.delta',
  done: 'response.reasoning_summary_text.done',
  partDone: 'response.reasoning_summary_part.done',
}
const CONTENT: SectionWords = {
  type: 'reasoning_text',
  added: 'response.content_part.added',
  delta: 'response.reasoning_text.delta',
  done: 'response.reasoning_text.done',
  partDone: 'response.content_part.done',
}

function wordsOf({ isContent }: Reasoning): SectionWords {
  return isContent ? CONTENT : SUMMARY
}

function beginSection(reasoning: Reasoning): string {
  if (reasoning.section !== undefined) return ''
  reasoning.section = ''
  const place = placeOf(reasoning)
  const { type, added, delta } = wordsOf(reasoning)
  reasoning.prefix = deltaPrefix(delta, place)
  return reasoning.writer.event(added, { ...place, part: { type, text: '' } })
}

function finishSection(reasoning: Reasoning): string {
  const { writer, section } = reasoning
  if (section === undefined) return ''
  const place = placeOf(reasoning)
  const { type, done, partDone } = wordsOf(reasoning)
  const part = { type, text: section }
  reasoning.section = undefined
  reasoning.sections.push(part)
  return writer.event(done, { ...place, text: section }) + writer.event(partDone, { ...place, part })
}

function finishItem(reasoning: Reasoning): string {
  const { writer, seal } = reasoning
  const proof = seal !== undefined && reasoning.carriesProof ? sealForClient(seal, writer.context.issuer) : undefined
  if (reasoning.id === '' && proof === undefined) return ''
  const text = beginItem(reasoning) + finishSection(reasoning)
  const { id, sections, isContent } = reasoning
  const item = {
    id,
    type: 'reasoning',
    ...(isContent ? { summary: [], content: sections } : { summary: sections }),
    ...(proof !== undefined && { encrypted_content: proof }),
  }
  return text + writer.finish(reasoning.position, item)
}
