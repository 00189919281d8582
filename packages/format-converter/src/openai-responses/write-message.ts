import type { Citation } from '../model/content-part.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { codePointLength } from '../wire/openai-content.ts'
import { CITATION_WITHOUT_URL, HOMELESS_CITATION } from './answer-losses.ts'
import { deltaPrefix, type AnswerWriter, type ItemWriter } from './answer-writer.ts'
import { annotationOf } from './content.ts'
import { createKeptText, type KeptText } from './kept-text.ts'
import { ITEM_PREFIX } from './wire.ts'

type TextKind = 'text' | 'refusal'

/**
 * A message item: a run of neighbouring text blocks is one text part, a refusal is a part of its own. The item begins
 * with its first text, so an empty block leaves no trace.
 */
export interface MessageWriter {
  readonly phase: string | undefined
  /** A block that adds to this message. */
  block(kind: TextKind): ItemWriter
  /** Whether these words are the text that it ends with. */
  says(words: string): boolean
  /** Blocks that still run. */
  openBlocks(): number
  finish(isCut: boolean): string
}

interface Part {
  readonly kind: TextKind
  readonly index: number
  readonly prefix: string
  readonly text: KeptText
  readonly annotations: JsonObject[]
  readonly logprobs: JsonValue[]
}

interface Message {
  readonly writer: AnswerWriter
  readonly phase: string | undefined
  readonly done: JsonObject[]
  id: string
  position: number
  part: Part | undefined
}

export function createMessageWriter(writer: AnswerWriter, phase: string | undefined): MessageWriter {
  const message: Message = { writer, phase, done: [], id: '', position: -1, part: undefined }
  let openBlocks = 0

  return {
    phase,
    says: (words) => message.part?.kind === 'text' && message.part.text.whole() === words,
    openBlocks: () => openBlocks,
    block: (kind) => {
      openBlocks += 1
      return createBlockWriter(message, kind, () => {
        openBlocks -= 1
      })
    },
    finish: (isCut) => finishMessage(message, isCut),
  }
}

function createBlockWriter(message: Message, kind: TextKind, onClose: () => void): ItemWriter {
  const citations: Citation[] = []
  /** The part that holds the block's text, and where in it. */
  let home: Part | undefined
  let start = 0

  /** Ends the part that runs when it is of the other kind. */
  function enterPart(): string {
    let text = message.id === '' ? beginMessage(message) : ''
    if (message.part?.kind !== kind) text += finishPart(message) + beginPart(message, kind)
    home = message.part
    start = home?.text.length() ?? 0
    return text
  }

  function delta(text: string, logprobs?: JsonValue): string {
    const opening = home === undefined || message.part?.kind !== kind ? enterPart() : ''
    const { part, writer } = message
    if (part === undefined) return opening
    part.text.add(text)
    if (isJsonArray(logprobs))
      return opening + writeWithLogprobs(message, part, { text, logprobs: logprobs.map(withBytes) })
    return opening + writer.delta(part.prefix, text)
  }

  /** Citations come at the end of their block, when its place in the text is known. */
  function annotate(): string {
    const { part, writer } = message
    if (citations.length === 0) return ''
    if (part?.kind !== 'text' || part !== home) {
      writer.context.report(HOMELESS_CITATION)
      return ''
    }
    const whole = part.text.whole()
    const before = codePointLength(whole.slice(0, start))
    const range = { start: before, end: before + codePointLength(whole.slice(start)) }
    let text = ''
    for (const citation of citations) {
      const annotation = annotationOf(citation, range)
      if (annotation === undefined) writer.context.report(CITATION_WITHOUT_URL)
      else text += writeAnnotation(message, part, annotation)
    }
    return text
  }

  return {
    delta,
    boundary: () => '',
    cite: (citation) => citations.push(citation),
    seal: () => {},
    close: onClose,
    finish: annotate,
  }
}

function beginMessage(message: Message): string {
  const { writer } = message
  message.id = writer.itemId(ITEM_PREFIX.message)
  message.position = writer.nextPosition()
  return writer.add(message.position, itemOf(message, 'in_progress'))
}

function itemOf({ id, phase, done }: Message, status: string): JsonObject {
  return { id, type: 'message', status, role: 'assistant', content: [...done], ...(phase !== undefined && { phase }) }
}

function placeOf({ id, position }: Message, part: Part): JsonObject {
  return { item_id: id, output_index: position, content_index: part.index }
}

function beginPart(message: Message, kind: TextKind): string {
  const type = kind === 'text' ? 'response.output_text.delta' : 'response.refusal.delta'
  const index = message.done.length
  const place = { item_id: message.id, output_index: message.position, content_index: index }
  const prefix = deltaPrefix(type, kind === 'text' ? { ...place, logprobs: [] } : place)
  const part: Part = { kind, index, prefix, text: createKeptText(), annotations: [], logprobs: [] }
  message.part = part
  return message.writer.event('response.content_part.added', { ...placeOf(message, part), part: partOf(part) })
}

function partOf({ kind, annotations, logprobs, ...part }: Part): JsonObject {
  const text = part.text.whole()
  if (kind === 'refusal') return { type: 'refusal', refusal: text }
  return { type: 'output_text', text, annotations: [...annotations], logprobs: [...logprobs] }
}

/** Chat leaves the bytes of a token away where they are none; here they are a list. */
function withBytes(entry: JsonValue): JsonValue {
  if (!isJsonObject(entry)) return entry
  const { bytes, top_logprobs: others } = entry
  return {
    ...entry,
    ...(bytes === null && { bytes: [] }),
    ...(isJsonArray(others) && { top_logprobs: others.map(withBytes) }),
  }
}

function writeWithLogprobs(
  message: Message,
  part: Part,
  delta: { readonly text: string; readonly logprobs: readonly JsonValue[] },
): string {
  message.writer.keep(delta.text.length)
  for (const entry of delta.logprobs) part.logprobs.push(entry)
  return message.writer.event('response.output_text.delta', {
    ...placeOf(message, part),
    delta: delta.text,
    logprobs: delta.logprobs,
  })
}

function writeAnnotation(message: Message, part: Part, annotation: JsonObject): string {
  const annotationIndex = part.annotations.push(annotation) - 1
  const members = { ...placeOf(message, part), annotation_index: annotationIndex, annotation }
  return message.writer.event('response.output_text.annotation.added', members)
}

function finishPart(message: Message): string {
  const { part, writer } = message
  if (part === undefined) return ''
  message.part = undefined
  const whole = partOf(part)
  message.done.push(whole)
  const place = placeOf(message, part)
  const text =
    part.kind === 'text'
      ? writer.event('response.output_text.done', { ...place, text: part.text.whole(), logprobs: part.logprobs })
      : writer.event('response.refusal.done', { ...place, refusal: part.text.whole() })
  return text + writer.event('response.content_part.done', { ...place, part: whole })
}

function finishMessage(message: Message, isCut: boolean): string {
  if (message.id === '') return ''
  const text = finishPart(message)
  return text + message.writer.finish(message.position, itemOf(message, isCut ? 'incomplete' : 'completed'))
}
