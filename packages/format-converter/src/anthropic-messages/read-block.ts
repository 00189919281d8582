import type { Shortcut } from '../codec.ts'
import type { EmitEvent, OpenPart } from '../model/answer-event.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import { entriesOf, saidText } from '../wire/loose.ts'
import { parseJson } from '../wire/raw-json.ts'
import { argumentsText } from '../wire/tool-arguments.ts'
import type { TellUnread } from '../wire/unread-members.ts'
import { REDACTED, TEXT, THINKING, TOOL_USE } from './answer-members.ts'
import { decodeCitation } from './citations.ts'
import { describeServerTool, isServerToolBlock } from './server-tools.ts'

/** Reads one content block of an answer from its start and its deltas. */
export interface BlockReader {
  /** The vendor's word for the block. */
  readonly type: JsonValue | undefined
  /** Of a call. */
  readonly id?: JsonValue | undefined
  /** @returns false when the delta is of no kind that this block knows */
  delta(delta: JsonObject): boolean
  /** For a delta that is nothing but a piece of text; see `StreamDecoder`. */
  shortcut?(delta: JsonObject): Shortcut | undefined
  close(): void
}

export interface BlockReaderInit {
  readonly block: number
  readonly emit: EmitEvent
  readonly newId: () => string
  readonly report: ReportLoss
  readonly tell: TellUnread
}

/** Opens a block: emits `open` and whatever the start event already holds. */
export function createBlockReader(start: JsonObject, init: BlockReaderInit): BlockReader {
  switch (start['type']) {
    case 'text':
      return readText(start, init)
    case 'thinking':
      return readThinking(start, init)
    case 'redacted_thinking':
      return readRedacted(start, init)
    case 'tool_use':
      return readToolUse(start, init)
    case 'compaction':
      return readCompaction(start, init)
    default:
      return readVerbatim(start, init)
  }
}

function readText(start: JsonObject, { block, emit, report, tell }: BlockReaderInit): BlockReader {
  tell(start, TEXT)
  emit({ type: 'open', block, part: { type: 'text' } })
  emitText(start['text'])
  entriesOf(start['citations']).forEach(emitCitation)

  function emitText(said: JsonValue | undefined): void {
    const text = saidText(said, report)
    if (text !== '') emit({ type: 'delta', block, text })
  }

  function emitCitation(raw: JsonValue | undefined): void {
    const citation = decodeCitation(raw)
    if (citation !== undefined) emit({ type: 'citation', block, citation })
  }

  function delta(delta: JsonObject): boolean {
    if (delta['type'] === 'text_delta') emitText(delta['text'])
    else if (delta['type'] === 'citations_delta') emitCitation(delta['citation'])
    else return false
    return true
  }

  return {
    type: 'text',
    delta,
    shortcut: ({ type, text }) => (type === 'text_delta' ? shortcutTo(emitText, text) : undefined),
    close: () => emit({ type: 'close', block }),
  }
}

function readThinking(start: JsonObject, { block, emit, report, tell }: BlockReaderInit): BlockReader {
  tell(start, THINKING)
  emit({ type: 'open', block, part: { type: 'reasoning', kind: 'summary' } })
  emitText(start['thinking'])
  emitSeal(start['signature'])

  function emitText(said: JsonValue | undefined): void {
    const text = saidText(said, report)
    if (text !== '') emit({ type: 'delta', block, text })
  }

  function emitSeal(value: JsonValue | undefined): void {
    if (typeof value !== 'string' || value === '') return
    emit({ type: 'seal', block, seal: { kind: 'anthropic-signature', format: 'anthropic-messages', value } })
  }

  function delta(delta: JsonObject): boolean {
    if (delta['type'] === 'thinking_delta') emitText(delta['thinking'])
    else if (delta['type'] === 'signature_delta') emitSeal(delta['signature'])
    else return false
    return true
  }

  return {
    type: 'thinking',
    delta,
    shortcut: ({ type, thinking }) => (type === 'thinking_delta' ? shortcutTo(emitText, thinking) : undefined),
    close: () => emit({ type: 'close', block }),
  }
}

function readRedacted(start: JsonObject, { block, emit, tell }: BlockReaderInit): BlockReader {
  tell(start, REDACTED)
  const value = start['data']
  emit({ type: 'open', block, part: { type: 'reasoning', kind: 'summary', isRedacted: true } })
  if (typeof value === 'string')
    emit({ type: 'seal', block, seal: { kind: 'anthropic-redacted', format: 'anthropic-messages', value } })
  return { type: 'redacted_thinking', delta: () => false, close: () => emit({ type: 'close', block }) }
}

function readToolUse(start: JsonObject, init: BlockReaderInit): BlockReader {
  const { block, emit } = init
  const { id, name, input } = start
  if (typeof name !== 'string' || name === '') {
    init.report({
      code: 'invalid_tool_call',
      level: 'lossy',
      path: '#content_block_start',
      message: 'a tool call without a name was left out',
    })
    return readVerbatim(start, init)
  }
  init.tell(start, TOOL_USE)
  let hasText = false
  const part = {
    type: 'tool-call',
    id: typeof id === 'string' && id !== '' ? id : `toolu_${init.newId()}`,
    name,
    form: 'json',
  } as const
  emit({ type: 'open', block, part })
  if (isProgrammatic(start['caller'])) {
    init.report({
      code: 'param_unsupported',
      level: 'info',
      path: '#tool_use',
      message: 'the call came from code that the vendor runs; other formats do not say so',
    })
  }

  function emitText(text: string): void {
    if (text === '') return
    hasText = true
    emit({ type: 'delta', block, text })
  }

  function delta(delta: JsonObject): boolean {
    if (delta['type'] !== 'input_json_delta') return false
    emitText(argumentsText(delta['partial_json']))
    return true
  }

  function close(): void {
    // Fragments replace what the start held. A call without either has an empty object, never an empty text.
    if (!hasText) emitText(argumentsText(input) || '{}')
    emit({ type: 'close', block })
  }

  return {
    type: 'tool_use',
    id,
    delta,
    shortcut: ({ type, partial_json: piece }) =>
      type === 'input_json_delta' ? shortcutTo(emitText, piece) : undefined,
    close,
  }
}

function shortcutTo(take: Shortcut['take'], piece: JsonValue | undefined): Shortcut | undefined {
  return typeof piece === 'string' ? { piece, take } : undefined
}

function isProgrammatic(caller: JsonValue | undefined): boolean {
  return isJsonObject(caller) && caller['type'] !== 'direct'
}

function readCompaction(start: JsonObject, { block, emit }: BlockReaderInit): BlockReader {
  emit({ type: 'open', block, part: { type: 'compaction' } })
  take(start)

  function take(source: JsonObject): void {
    const { content, encrypted_content: value } = source
    if (typeof content === 'string' && content !== '') emit({ type: 'delta', block, text: content })
    if (typeof value === 'string' && value !== '')
      emit({ type: 'seal', block, seal: { kind: 'anthropic-compaction', format: 'anthropic-messages', value } })
  }

  function delta(delta: JsonObject): boolean {
    if (delta['type'] !== 'compaction_delta') return false
    take(delta)
    return true
  }

  return { type: 'compaction', delta, close: () => emit({ type: 'close', block, raw: start }) }
}

/** Server tools, files and blocks of later versions: kept as they are. */
function readVerbatim(start: JsonObject, { block, emit }: BlockReaderInit): BlockReader {
  const fragments: string[] = []
  const kind = typeof start['type'] === 'string' ? start['type'] : 'untyped'
  const part: OpenPart = isServerToolBlock(kind)
    ? { type: 'server-tool', format: 'anthropic-messages', raw: start }
    : { type: 'opaque', format: 'anthropic-messages', kind, raw: start }
  emit({ type: 'open', block, part })

  function delta(delta: JsonObject): boolean {
    if (delta['type'] !== 'input_json_delta') return false
    if (typeof delta['partial_json'] === 'string') fragments.push(delta['partial_json'])
    return true
  }

  function close(): void {
    const input = fragments.length === 0 ? undefined : parseJson(fragments.join(''))
    const raw = input === undefined ? undefined : { ...start, input }
    const text = part.type === 'server-tool' ? describeServerTool(raw ?? start) : undefined
    if (text !== undefined) emit({ type: 'delta', block, text })
    emit({ type: 'close', block, raw })
  }

  return { type: start['type'], id: start['id'], delta, close }
}
