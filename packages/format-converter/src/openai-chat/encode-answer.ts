import type { EncodeAnswerContext } from '../codec.ts'
import type { OpenPart } from '../model/answer-event.ts'
import type { Answer, AnswerBlock } from '../model/answer.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import { lossOfPart } from '../model/lost-part.ts'
import { knowsTokens } from '../model/usage.ts'
import { codePointLength } from '../wire/openai-content.ts'
import {
  CITATION_WITHOUT_URL,
  FLATTENED_SERVER_TOOL,
  PAUSED_TURN,
  PHASE_LOST,
  SECOND_LEGACY_CALL,
} from './answer-losses.ts'
import { declinedText, reasoningDetailsOf, reasoningFieldsOf } from './answer-parts.ts'
import { annotationOf } from './content.ts'
import { TEXT_SEPARATOR } from './proof-places.ts'
import { encodeFinishReason } from './stop-reason.ts'
import { encodeUsage, tierOf } from './usage.ts'
import { ANSWER_OBJECT, ID_PREFIX } from './wire.ts'

/** A whole answer for a Chat client; equal to what the official SDK folds out of the encoded stream. */
export function encodeAnswer(answer: Answer, context: EncodeAnswerContext): JsonObject {
  if (answer.stop === 'pause') context.report(PAUSED_TURN)
  const said = refusalOf(answer.blocks)
  const finishReason = encodeFinishReason(answer.stop, {
    usesLegacyFunctions: context.usesLegacyFunctions,
    hasRefusal: said !== '',
  })
  return {
    id: ID_PREFIX + context.id,
    object: ANSWER_OBJECT,
    created: context.createdSeconds,
    model: context.model,
    service_tier: tierOf(answer.usage),
    system_fingerprint: answer.fingerprint,
    choices: [
      {
        index: 0,
        message: messageOf(answer, context),
        logprobs: logprobsOf(answer.blocks),
        finish_reason: finishReason,
      },
    ],
    usage: knowsTokens(answer.usage) ? encodeUsage(answer.usage) : undefined,
  }
}

function messageOf(answer: Answer, context: EncodeAnswerContext): JsonObject {
  const { blocks } = answer
  const { text, annotations } = joinTexts(blocks, context)
  const calls = callMembers(blocks, context)
  const reasoning = reasoningMembers(blocks, context)
  const said = refusalOf(blocks)
  const shape = { hasText: text !== '', hasRefusal: said !== '', hasCalls: calls.length > 0 }
  const stop = { reason: answer.stop, details: answer.stopDetails }
  const refusal = said === '' ? declinedText(stop, shape, context.report) : said
  const hasOther = calls.length > 0 || refusal !== undefined || reasoning.some(([name]) => name !== 'reasoning_details')
  return {
    role: 'assistant',
    content: text === '' && hasOther ? null : text,
    refusal: refusal ?? null,
    ...Object.fromEntries(reasoning),
    annotations: annotations.length > 0 ? annotations : undefined,
    ...Object.fromEntries(calls),
  }
}

interface JoinedText {
  readonly text: string
  readonly annotations: readonly JsonObject[]
}

/** Adjacent texts are one; texts with another block between them are kept apart by `textJoin`. */
function joinTexts(blocks: readonly AnswerBlock[], context: EncodeAnswerContext): JoinedText {
  const annotations: JsonObject[] = []
  let text = ''
  let isSeparated = false
  for (const block of blocks) {
    reportLost(block, context)
    if (!runsOn(block.part)) isSeparated ||= text !== ''
    const hasText = isWritten(block, context)
    if (hasText && isSeparated && text !== '') text += context.options.textJoin
    annotations.push(...annotationsOf(block, text, context))
    if (!hasText) continue
    isSeparated = block.part.type === 'server-tool'
    text += block.text
  }
  return { text, annotations }
}

/** Only texts of one message run on. */
function runsOn(part: OpenPart): boolean {
  return part.type === 'text' && part.startsMessage !== true
}

function isWritten({ part, text }: AnswerBlock, { options }: EncodeAnswerContext): boolean {
  return text !== '' && (part.type === 'text' || (part.type === 'server-tool' && options.serverToolText))
}

function reportLost(block: AnswerBlock, context: EncodeAnswerContext): void {
  const { part } = block
  if (part.type === 'text' && part.phase !== undefined) context.report(PHASE_LOST)
  if (part.type === 'server-tool' && isWritten(block, context)) context.report(FLATTENED_SERVER_TOOL)
  else if (part.type === 'server-tool' || part.type === 'compaction' || part.type === 'opaque')
    context.report(lossOfPart(part, 'openai-chat'))
}

function annotationsOf(block: AnswerBlock, textBefore: string, context: EncodeAnswerContext): JsonObject[] {
  if (block.citations.length === 0) return []
  const start = codePointLength(textBefore)
  const end = start + codePointLength(block.text)
  return block.citations.flatMap((citation) => {
    const annotation = annotationOf(citation, { start, end })
    if (annotation === undefined) context.report(CITATION_WITHOUT_URL)
    return annotation === undefined ? [] : [annotation]
  })
}

type Member = [name: string, value: JsonValue]

function reasoningMembers(blocks: readonly AnswerBlock[], context: EncodeAnswerContext): Member[] {
  const texts = blocks
    .filter((block) => block.part.type === 'reasoning' && block.text !== '')
    .map((block) => block.text)
  const isShown = texts.length > 0 && context.showsReasoning
  const fields = isShown ? reasoningFieldsOf(context.options.reasoningField) : []
  const members: Member[] = fields.map((field) => [field, texts.join(TEXT_SEPARATOR)])
  const isHidden = fields.length === 0
  const said = blocks.map(({ part, seal, text }) => ({
    part,
    seal,
    length: isHidden && seal !== undefined ? 0 : text.length,
  }))
  const details = reasoningDetailsOf(said, context)
  if (details.length > 0) members.push(['reasoning_details', details])
  return members
}

function callMembers(blocks: readonly AnswerBlock[], context: EncodeAnswerContext): Member[] {
  const [first, ...others] = blocks.flatMap(({ part, text }) => (part.type === 'tool-call' ? [{ part, text }] : []))
  if (first === undefined) return []
  if (!context.usesLegacyFunctions) return [['tool_calls', [first, ...others].map(callOf)]]
  if (others.length > 0) context.report(SECOND_LEGACY_CALL)
  return [['function_call', functionOf(first)]]
}

interface Call {
  readonly part: Extract<OpenPart, { type: 'tool-call' }>
  readonly text: string
}

function callOf(call: Call): JsonObject {
  const { id, name, form } = call.part
  if (form === 'free') return { id, type: 'custom', custom: { name, input: call.text } }
  return { id, type: 'function', function: functionOf(call) }
}

function functionOf({ part: { name, form }, text }: Call): JsonObject {
  return { name, arguments: form === 'json' && text.trim() === '' ? `${text}{}` : text }
}

function refusalOf(blocks: readonly AnswerBlock[]): string {
  return blocks
    .filter((block) => block.part.type === 'refusal')
    .map((block) => block.text)
    .join('')
}

function logprobsOf(blocks: readonly AnswerBlock[]): JsonObject | null {
  const content = blocks.flatMap((block) => block.logprobs ?? [])
  return content.length > 0 ? { content, refusal: null } : null
}
