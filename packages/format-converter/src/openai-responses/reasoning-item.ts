import type { Shortcut } from '../codec.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { objectsOf, optionalIndex, optionalString, stringOf } from '../wire/loose.ts'
import { DIFFERENT_TEXT, SECOND_REASONING } from './answer-losses.ts'
import type { OutputBlock } from './output-blocks.ts'
import type { OutputItem, OutputItemContext } from './output-item.ts'
import { nativeSeal } from './reasoning.ts'
import { createReceivedText, receive, remainderOf, type ReceivedText } from './received-text.ts'

type ReasoningKind = 'full' | 'summary'

/** Which kind of reasoning the events with pieces of it carry. */
const KINDS: ReadonlyMap<string, ReasoningKind> = new Map([
  ['reasoning_summary_text.delta', 'summary'],
  ['reasoning_text.delta', 'full'],
])

/**
 * Reads a reasoning item: one block, whatever the number of its parts. The proof is taken from the finished item only,
 * because an earlier one is provisional.
 */
export function createReasoningItem({ blocks, report }: OutputItemContext): OutputItem {
  const sections = new Map<number, ReceivedText>()
  let block: OutputBlock | undefined
  let kind: ReasoningKind | undefined
  let section: number | undefined
  let itemId: string | undefined

  /** The block, unless the text is of the other kind than the one that came first. */
  function open(wanted: ReasoningKind): OutputBlock | undefined {
    kind ??= wanted
    if (kind !== wanted) {
      report(SECOND_REASONING)
      return undefined
    }
    block ??= blocks.open({ type: 'reasoning', kind: wanted, itemId })
    return block
  }

  function write(wanted: ReasoningKind, index: number, text: string): void {
    const target = text === '' ? undefined : open(wanted)
    if (target === undefined) return
    if (section !== undefined && section !== index) blocks.boundary(target)
    section = index
    receive(receivedAt(sections, index), text)
    blocks.delta(target, text)
  }

  function complete(wanted: ReasoningKind, index: number, text: string): void {
    if (text === '' || open(wanted) === undefined) return
    const rest = remainderOf(receivedAt(sections, index), text)
    if (rest === undefined) report(DIFFERENT_TEXT)
    else write(wanted, index, rest)
  }

  function event(name: string, body: JsonObject): void {
    const index = optionalIndex(body['content_index']) ?? optionalIndex(body['summary_index']) ?? 0
    switch (name) {
      case 'reasoning_summary_text.delta':
        return write('summary', index, stringOf(body['delta']))
      case 'reasoning_summary_text.done':
        return complete('summary', index, stringOf(body['text']))
      case 'reasoning_summary_part.done':
        return complete('summary', index, textOf(body['part']))
      case 'reasoning_text.delta':
        return write('full', index, stringOf(body['delta']))
      case 'reasoning_text.done':
        return complete('full', index, stringOf(body['text']))
      default:
        return // a part begins with its text
    }
  }

  function done(item: JsonObject): void {
    describe(item)
    const summary = objectsOf(item['summary'])
    const content = objectsOf(item['content'])
    summary.forEach((part, index) => complete('summary', index, stringOf(part['text'])))
    content.forEach((part, index) => complete('full', index, stringOf(part['text'])))
    seal(stringOf(item['encrypted_content']))
    if (block !== undefined) blocks.close(block)
  }

  function seal(value: string): void {
    if (value === '') return
    block ??= blocks.open({ type: 'reasoning', kind: 'summary', itemId })
    if (!block.isClosed)
      blocks.emit({ type: 'seal', block: block.number, seal: nativeSeal(value, 'openai-reasoning', itemId) })
  }

  function describe(item: JsonObject): void {
    itemId = optionalString(item['id']) ?? itemId
  }

  return { describe, event, shortcut: (name, body) => shortcutOf(name, body, write), done }
}

type WritePiece = (kind: ReasoningKind, index: number, piece: string) => void

/** Only where no other index could be meant. */
function shortcutOf(name: string, body: JsonObject, write: WritePiece): Shortcut | undefined {
  const kind = KINDS.get(name)
  const { delta, content_index, summary_index } = body
  const index = optionalIndex(kind === 'full' ? content_index : summary_index)
  const isClear = kind === 'full' || content_index === undefined
  if (kind === undefined || index === undefined || !isClear || typeof delta !== 'string') return undefined
  return { piece: delta, take: (piece) => write(kind, index, piece) }
}

function receivedAt(sections: Map<number, ReceivedText>, index: number): ReceivedText {
  const known = sections.get(index) ?? createReceivedText()
  sections.set(index, known)
  return known
}

function textOf(part: JsonValue | undefined): string {
  return isJsonObject(part) ? stringOf(part['text']) : ''
}
