import type { Shortcut } from '../codec.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { entriesOf, optionalIndex, optionalString, saidText, stringOf } from '../wire/loose.ts'
import { DIFFERENT_TEXT, SECOND_REASONING } from './answer-losses.ts'
import { REASONING, REASONING_PART } from './answer-members.ts'
import type { OutputBlock } from './output-blocks.ts'
import type { OutputItem, OutputItemContext } from './output-item.ts'
import { nativeSeal } from './reasoning.ts'
import { createReceivedText, receive, remainderOf, type ReceivedText } from './received-text.ts'

type ReasoningKind = 'full' | 'summary'

/** What an event says of the reasoning; a part may be told as a whole. */
interface Saying {
  readonly kind: ReasoningKind
  readonly isPart: boolean
}

const SAYING: ReadonlyMap<string, Saying> = new Map([
  ['reasoning_summary_text.delta', { kind: 'summary', isPart: false }],
  ['reasoning_summary_text.done', { kind: 'summary', isPart: false }],
  ['reasoning_summary_part.added', { kind: 'summary', isPart: true }],
  ['reasoning_summary_part.done', { kind: 'summary', isPart: true }],
  ['reasoning_text.delta', { kind: 'full', isPart: false }],
  ['reasoning_text.done', { kind: 'full', isPart: false }],
  ['content_part.added', { kind: 'full', isPart: true }],
  ['content_part.done', { kind: 'full', isPart: true }],
])

/**
 * Reads a reasoning item: one block, whatever the number of its parts. The proof is taken from the finished item only,
 * because an earlier one is provisional.
 */
export function createReasoningItem({ blocks, report, tell }: OutputItemContext): OutputItem {
  const sections = new Map<number, ReceivedText>()
  let block: OutputBlock | undefined
  let kind: ReasoningKind | undefined
  let section: number | undefined
  let itemId: string | undefined
  let isSealed = false
  let begun: JsonObject = {}

  function isOther(wanted: ReasoningKind): boolean {
    kind ??= wanted
    if (kind !== wanted) report(SECOND_REASONING)
    return kind !== wanted
  }

  /** Where the item was over too early, another block goes on. */
  function openBlock(): OutputBlock {
    if (block?.isClosed === false) return block
    section = undefined
    block = blocks.open({ type: 'reasoning', kind: kind ?? 'summary', itemId })
    return block
  }

  function write(wanted: ReasoningKind, index: number, text: string): void {
    if (text === '' || isOther(wanted)) return
    const target = openBlock()
    if (section !== undefined && section !== index) blocks.boundary(target)
    section = index
    receive(receivedAt(sections, index), text)
    blocks.delta(target, text)
  }

  function complete(wanted: ReasoningKind, index: number, text: string): void {
    if (text === '' || isOther(wanted)) return
    const rest = remainderOf(receivedAt(sections, index), text)
    if (rest === undefined) report(DIFFERENT_TEXT)
    else write(wanted, index, rest)
  }

  function event(name: string, body: JsonObject): void {
    const said = SAYING.get(name)
    if (said === undefined) return // progress without content
    const index = optionalIndex(body['content_index']) ?? optionalIndex(body['summary_index']) ?? 0
    if (name.endsWith('.delta')) write(said.kind, index, saidText(body['delta'], report))
    else complete(said.kind, index, said.isPart ? wordsOf(body['part']) : saidText(body['text'], report))
  }

  /** Some servers write the words themselves in place of a part. */
  function wordsOf(part: JsonValue | undefined): string {
    if (!isJsonObject(part)) return saidText(part, report)
    tell(part, REASONING_PART)
    return saidText(part['text'], report)
  }

  /** What the item began with counts where nothing else was told of it; its proof never does. */
  function done(item: JsonObject): void {
    const told = sections.size > 0 ? item : { ...begun, ...item }
    describe(item)
    entriesOf(told['summary']).forEach((part, index) => complete('summary', index, wordsOf(part)))
    entriesOf(told['content']).forEach((part, index) => complete('full', index, wordsOf(part)))
    seal(stringOf(item['encrypted_content']))
    if (block !== undefined) blocks.close(block)
  }

  function seal(value: string): void {
    if (value === '' || isSealed) return
    isSealed = true
    blocks.emit({ type: 'seal', block: openBlock().number, seal: nativeSeal(value, 'openai-reasoning', itemId) })
  }

  function describe(item: JsonObject): void {
    tell(item, REASONING)
    if (sections.size === 0) begun = item
    itemId = optionalString(item['id']) ?? itemId
  }

  return { describe, event, shortcut: (name, body) => shortcutOf(name, body, write), done, again: done }
}

type WritePiece = (kind: ReasoningKind, index: number, piece: string) => void

/** Only where no other index could be meant. */
function shortcutOf(name: string, body: JsonObject, write: WritePiece): Shortcut | undefined {
  const kind = name.endsWith('.delta') ? SAYING.get(name)?.kind : undefined
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
