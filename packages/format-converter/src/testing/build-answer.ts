import type { EncodeAnswerContext } from '../codec.ts'
import { createAnswerFold } from '../convert/fold-answer.ts'
import { codecFor } from '../format.ts'
import type { AnswerEvent, OpenPart } from '../model/answer-event.ts'
import type { FormatName } from '../model/format-name.ts'
import type { JsonObject } from '../model/json.ts'
import { DEFAULT_OPTIONS } from '../options.ts'

/** What an answer of a fake server says. */
export interface AnswerContent {
  readonly text?: string
  readonly toolCalls?: readonly { readonly id: string; readonly name: string; readonly arguments: JsonObject }[]
  /** Default `test-model`. */
  readonly model?: string
  /** Default 11. */
  readonly inputTokens?: number
  /** Default 7. */
  readonly outputTokens?: number
}

/** The same answer as one body and as a stream. */
export interface BuiltAnswer {
  readonly body: JsonObject
  /** Text of the event stream, its end included. */
  readonly stream: string
}

const ID = 'TESTtestTESTtestTESTtest'
const CREATED_SECONDS = 1_700_000_000

/** Builds an answer as a server of the given format would give it. The same content gives the same bytes. */
export function buildAnswer(format: FormatName, content: AnswerContent): BuiltAnswer {
  const codec = codecFor(format)
  const context = contextOf(format, content)
  const events = eventsOf(content)
  const fold = createAnswerFold()
  const encoder = codec.createStreamEncoder(context)
  const stream = events.map((event) => {
    fold.push(event)
    return encoder.write(event)
  })
  return { body: codec.encodeAnswer(fold.result(), context), stream: stream.join('') }
}

function contextOf(format: FormatName, { model = 'test-model' }: AnswerContent): EncodeAnswerContext {
  return {
    model,
    id: ID,
    newId: () => ID,
    createdSeconds: CREATED_SECONDS,
    nowSeconds: () => CREATED_SECONDS,
    options: DEFAULT_OPTIONS,
    showsReasoning: true,
    wantsStreamUsage: true,
    usesLegacyFunctions: false,
    upstreamFormat: format,
    report: () => {},
  }
}

function eventsOf(content: AnswerContent): readonly AnswerEvent[] {
  const { text = '', toolCalls = [], inputTokens = 11, outputTokens = 7, model = 'test-model' } = content
  const blocks: Block[] = text === '' ? [] : [{ part: { type: 'text' }, text }]
  for (const { id, name, arguments: input } of toolCalls)
    blocks.push({ part: { type: 'tool-call', id, name, form: 'json' }, text: JSON.stringify(input) })
  return [
    { type: 'start', model },
    ...blocks.flatMap(eventsOfBlock),
    { type: 'usage', usage: { inputUncached: inputTokens, cacheRead: 0, output: outputTokens } },
    { type: 'finish', reason: toolCalls.length > 0 ? 'tool' : 'stop' },
    { type: 'end' },
  ]
}

interface Block {
  readonly part: OpenPart
  readonly text: string
}

function eventsOfBlock({ part, text }: Block, block: number): readonly AnswerEvent[] {
  const pieces = text.match(/.{1,12}/gsu) ?? []
  return [
    { type: 'open', block, part },
    ...pieces.map((piece) => ({ type: 'delta', block, text: piece }) as const),
    { type: 'close', block },
  ]
}
