import type { Shortcut } from '../codec.ts'
import type { OpenPart } from '../model/answer-event.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { entriesOf, optionalIndex, optionalString, saidText } from '../wire/loose.ts'
import { takeLogprobs } from '../wire/token-logprobs.ts'
import { saysNothing } from '../wire/unread-members.ts'
import { UNKNOWN_PART } from './answer-losses.ts'
import { MESSAGE, PART } from './answer-members.ts'
import type { OutputBlock, OutputBlocks } from './output-blocks.ts'
import type { OutputItem, OutputItemContext } from './output-item.ts'

type TextKind = 'text' | 'refusal'

interface WholeText {
  readonly text: string
  readonly logprobs?: JsonValue | undefined
}

/** Reads a message item: each of its parts is a block. */
export function createMessageItem(context: OutputItemContext): OutputItem {
  const { blocks, answer } = context
  const parts = new Map<number, OutputBlock>()
  let phase: string | undefined
  let begun: JsonObject = {}

  function partAt(index: number, kind: TextKind): OutputBlock {
    const known = parts.get(index)
    if (known !== undefined) return known
    if (kind === 'refusal') answer.hasRefusal = true
    const startsMessage = parts.size === 0 && answer.hasText
    answer.hasText ||= kind === 'text'
    const block = blocks.open(kind === 'refusal' ? { type: 'refusal' } : textPart(phase, startsMessage))
    parts.set(index, block)
    return block
  }

  const said = (text: JsonValue | undefined): string => saidText(text, context.report)

  function describe(item: JsonObject): void {
    context.tell(item, MESSAGE)
    phase ??= optionalString(item['phase'])
    if (parts.size === 0) begun = item
  }

  function event(name: string, body: JsonObject): void {
    const index = optionalIndex(body['content_index']) ?? 0
    const logprobs = takeLogprobs(body['logprobs'], context.report)
    switch (name) {
      case 'content_part.added':
        return openPart(index, body['part'])
      case 'output_text.delta':
        return blocks.delta(partAt(index, 'text'), said(body['delta']), logprobs)
      case 'refusal.delta':
        return blocks.delta(partAt(index, 'refusal'), said(body['delta']))
      case 'output_text.done':
        return completeText(index, 'text', { text: said(body['text']), logprobs })
      case 'refusal.done':
        return completeText(index, 'refusal', { text: said(body['refusal']) })
      case 'output_text.annotation.added':
        return blocks.cite(partAt(index, 'text'), body['annotation'])
      case 'content_part.done':
        return completePart(index, body['part'])
      default:
        return // progress without content
    }
  }

  function openPart(index: number, part: JsonValue | undefined): void {
    const kind = kindOf(part)
    if (kind !== undefined) blocks.delta(partAt(index, kind), said(wordsOf(part)))
  }

  /** An empty text opens nothing. */
  function completeText(index: number, kind: TextKind, { text, logprobs }: WholeText): void {
    if (text !== '' || parts.has(index)) parts.set(index, blocks.complete(partAt(index, kind), text, logprobs))
  }

  function completePart(index: number, part: JsonValue | undefined): void {
    const whole = readPart(part, context)
    if (whole === undefined) return
    completeText(index, whole.kind, whole)
    const block = parts.get(index)
    if (block === undefined) return
    blocks.completeCitations(block, whole.annotations)
    blocks.close(block)
  }

  /** What the item began with counts where nothing else was told of it. */
  function done(item: JsonObject): void {
    const told = parts.size > 0 ? item : { ...begun, ...item }
    describe(told)
    if (!saysNothing(told['content'])) entriesOf(told['content']).forEach((part, index) => completePart(index, part))
    for (const block of parts.values()) blocks.close(block)
  }

  return { describe, event, shortcut: (name, body) => shortcutOf(name, body, { parts, blocks }), done, again: done }
}

interface WholePart extends WholeText {
  readonly kind: TextKind
  readonly annotations: readonly JsonValue[]
}

/** A part as a whole; some servers write its words alone. */
function readPart(part: JsonValue | undefined, { report, tell }: OutputItemContext): WholePart | undefined {
  if (typeof part === 'string') return { kind: 'text', text: part, annotations: [] }
  const kind = kindOf(part)
  if (kind === undefined || !isJsonObject(part)) {
    report(UNKNOWN_PART)
    return undefined
  }
  tell(part, PART)
  const logprobs = takeLogprobs(part['logprobs'], report)
  return { kind, text: saidText(wordsOf(part), report), logprobs, annotations: entriesOf(part['annotations']) }
}

function textPart(phase: string | undefined, startsMessage: boolean): OpenPart {
  return { type: 'text', ...(phase !== undefined && { phase }), ...(startsMessage && { startsMessage }) }
}

interface OpenParts {
  readonly parts: ReadonlyMap<number, OutputBlock>
  readonly blocks: OutputBlocks
}

function shortcutOf(name: string, body: JsonObject, { parts, blocks }: OpenParts): Shortcut | undefined {
  const { content_index, delta, logprobs } = body
  const block = name === 'output_text.delta' ? parts.get(optionalIndex(content_index) ?? -1) : undefined
  const hasLogprobs = isJsonArray(logprobs) ? logprobs.length > 0 : logprobs != null
  if (block === undefined || hasLogprobs || typeof delta !== 'string') return undefined
  return { piece: delta, take: (piece) => blocks.delta(block, piece) }
}

function kindOf(part: JsonValue | undefined): TextKind | undefined {
  const type = isJsonObject(part) ? part['type'] : undefined
  if (type === 'refusal') return 'refusal'
  return type === 'output_text' || type === 'text' ? 'text' : undefined
}

function wordsOf(part: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(part)) return undefined
  return part['type'] === 'refusal' ? part['refusal'] : part['text']
}
