import type { Shortcut } from '../codec.ts'
import type { OpenPart } from '../model/answer-event.ts'
import type { JsonObject } from '../model/json.ts'
import type { LossLevel, ReportLoss } from '../model/loss.ts'
import { stringOf } from '../wire/loose.ts'
import type { TellUnread } from '../wire/unread-members.ts'
import { createBridgedItem, createCallItem } from './call-item.ts'
import { hostedText } from './hosted-text.ts'
import { createMessageItem } from './message-item.ts'
import type { OutputBlock, OutputBlocks } from './output-blocks.ts'
import { createReasoningItem } from './reasoning-item.ts'
import { nativeSeal } from './reasoning.ts'
import { bridgeOfCall } from './tool-bridges.ts'
import { clip } from './wire.ts'

/** What is known of the whole answer while its items are read. */
export interface AnswerSoFar {
  hasText: boolean
  hasRefusal: boolean
  hasCalls: boolean
}

/** What the reader of one item needs. */
export interface OutputItemContext {
  readonly blocks: OutputBlocks
  readonly answer: AnswerSoFar
  readonly newId: () => string
  readonly report: ReportLoss
  readonly tell: TellUnread
  /** The answer holds more than an answer may. */
  readonly overflow: () => void
}

/** Reads one item of the output from its events. */
export interface OutputItem {
  /** What is known of the item, also before it is finished. */
  describe(item: JsonObject): void
  /** @param name - the event's type without `response.` */
  event(name: string, body: JsonObject): void
  /** For an event that is nothing but a piece of a text or of arguments; see `StreamDecoder`. */
  shortcut?(name: string, body: JsonObject): Shortcut | undefined
  /** The finished item: it has the last word, and what had not come yet is written. */
  done(item: JsonObject): void
  /** The finished item as the terminal event lists it: some servers tell only there what it holds. */
  again?(item: JsonObject): void
}

/** The reader for an item of this type. */
export function createOutputItem(item: JsonObject, context: OutputItemContext): OutputItem {
  switch (item['type']) {
    case 'message':
      return createMessageItem(context)
    case 'reasoning':
      return createReasoningItem(context)
    case 'function_call':
      return createCallItem(context, 'json')
    case 'custom_tool_call':
      return createCallItem(context, 'free')
    case 'compaction':
      return createCompactionItem(context)
    default: {
      const bridge = bridgeOfCall(item)
      return bridge === undefined ? createHostedItem(context) : createBridgedItem(context, bridge)
    }
  }
}

/** Calls of tools that the vendor runs, their results, and kinds that are not known: only this format can carry them. */
function createHostedItem({ blocks }: OutputItemContext): OutputItem {
  let block: OutputBlock | undefined

  function describe(item: JsonObject): void {
    block ??= blocks.open(hostedPart(item))
  }

  function done(item: JsonObject): void {
    const isFinal = 'type' in item
    if (isFinal) describe(item)
    if (block === undefined) return
    const text = isFinal && block.part.type === 'server-tool' ? hostedText(item) : undefined
    if (text !== undefined) blocks.delta(block, text)
    blocks.close(block, isFinal ? item : undefined)
  }

  return { describe, event: () => {}, done }
}

function hostedPart(raw: JsonObject): OpenPart {
  const kind = stringOf(raw['type'])
  if (isHostedKind(kind)) return { type: 'server-tool', format: 'openai-responses', raw, lossLevel: lossLevelOf(raw) }
  return { type: 'opaque', format: 'openai-responses', kind: clip(kind), raw }
}

/** True for items that come from tools which the vendor runs. */
export function isHostedKind(kind: string): boolean {
  return kind.endsWith('_call') || kind.endsWith('_output') || kind.startsWith('mcp_') || kind === 'program'
}

/** A list of tools that a server offers is no part of the conversation: whoever asks the server again gets it again. */
export function lossLevelOf({ type, error }: JsonObject): LossLevel | undefined {
  return type === 'mcp_list_tools' && (error ?? null) === null ? 'info' : undefined
}

function createCompactionItem({ blocks }: OutputItemContext): OutputItem {
  return {
    describe: () => {},
    event: () => {},
    done: (item) => {
      const block = blocks.open({ type: 'compaction' })
      const seal = nativeSeal(stringOf(item['encrypted_content']), 'openai-compaction', stringOf(item['id']))
      if (seal.value !== '') blocks.emit({ type: 'seal', block: block.number, seal })
      blocks.close(block)
    },
  }
}
