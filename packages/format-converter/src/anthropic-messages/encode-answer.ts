import type { EncodeAnswerContext } from '../codec.ts'
import type { OpenPart } from '../model/answer-event.ts'
import type { Answer, AnswerBlock } from '../model/answer.ts'
import type { JsonObject } from '../model/json.ts'
import { CUT_SHORT, type StopReason } from '../model/stop-reason.ts'
import { normalizeToolArguments } from '../wire/tool-arguments.ts'
import { LOGPROBS_DROPPED } from './answer-losses.ts'
import { encodeCitation } from './citations.ts'
import { isRedactedSeal, sealForClient } from './reasoning.ts'
import { encodeStop } from './stop-reason.ts'
import { encodeUsage } from './usage.ts'
import { reportPhase, vendorBlocks } from './write-block.ts'

/** Writes a whole message, with every key that the client's type requires; the same message that a stream would build. */
export function encodeAnswer(answer: Answer, context: EncodeAnswerContext): JsonObject {
  const content = encodeBlocks(answer, context)
  if (content.length === 0 && context.options.emptyTextBlock) content.push({ type: 'text', text: '', citations: null })
  const refusals = answer.blocks.filter((block) => block.part.type === 'refusal')
  const refusal = refusals.map((block) => block.text).join('')
  return {
    id: `msg_${context.id}`,
    type: 'message',
    role: 'assistant',
    model: context.options.modelEcho === 'upstream' ? (answer.model ?? context.model) : context.model,
    content,
    ...encodeStop({ reason: answer.stop, stopSequence: answer.stopSequence, details: answer.stopDetails, refusal }),
    container: null,
    diagnostics: null,
    usage: encodeUsage(answer.usage ?? {}),
  }
}

function encodeBlocks(answer: Answer, context: EncodeAnswerContext): JsonObject[] {
  const content: JsonObject[] = []
  let hasCalls = false
  for (const block of answer.blocks) {
    if (hasCalls && isText(block.part) && block.text.trim() === '' && block.citations.length === 0) continue // noise after a call
    hasCalls ||= block.part.type === 'tool-call'
    content.push(...encodeBlock(block, answer.stop, context))
  }
  return content
}

function isText(part: OpenPart): boolean {
  return part.type === 'text' || part.type === 'refusal'
}

function encodeBlock(block: AnswerBlock, stop: StopReason, context: EncodeAnswerContext): readonly JsonObject[] {
  const { part } = block
  switch (part.type) {
    case 'text':
    case 'refusal':
      reportPhase(part, context)
      if (block.logprobs !== undefined) context.report(LOGPROBS_DROPPED)
      return encodeText(block, context)
    case 'reasoning':
      return encodeReasoning(block, part.isRedacted === true, context)
    case 'tool-call':
      return [encodeCall(part, { text: block.text, stop, context })]
    case 'compaction':
      return [encodeCompaction(block, context)]
    case 'server-tool':
    case 'opaque':
      return vendorBlocks(part, block.raw, context)
  }
}

function encodeCompaction({ raw, text, seal }: AnswerBlock, context: EncodeAnswerContext): JsonObject {
  const proof = seal === undefined ? null : sealForClient(seal, context.issuer)
  return { ...raw, type: 'compaction', content: text === '' ? null : text, encrypted_content: proof }
}

function encodeText(block: AnswerBlock, context: EncodeAnswerContext): readonly JsonObject[] {
  const citations = block.citations
    .map((citation) => encodeCitation(citation, context.report))
    .filter((citation) => citation !== undefined)
  if (block.text === '' && citations.length === 0) return []
  return [{ type: 'text', text: block.text, citations: citations.length === 0 ? null : citations }]
}

function encodeReasoning(
  { text, seal }: AnswerBlock,
  isRedacted: boolean,
  context: EncodeAnswerContext,
): readonly JsonObject[] {
  const shown = context.showsReasoning && !isRedacted ? text : ''
  if (seal === undefined) return shown === '' ? [] : [{ type: 'thinking', thinking: shown, signature: '' }]
  const proof = sealForClient(seal, context.issuer)
  if (shown === '' && (isRedacted || isRedactedSeal(seal))) return [{ type: 'redacted_thinking', data: proof }]
  return [{ type: 'thinking', thinking: shown, signature: proof }]
}

interface CallText {
  readonly text: string
  readonly stop: StopReason
  readonly context: EncodeAnswerContext
}

function encodeCall(part: OpenPart & { type: 'tool-call' }, { text, stop, context }: CallText): JsonObject {
  const { input, repair } = part.form === 'free' ? { input: { input: text } } : normalizeToolArguments(text)
  if (repair !== undefined && !CUT_SHORT.has(stop)) {
    const message = 'the arguments of a call were not a JSON object; they were kept in another form'
    context.report({ code: 'invalid_tool_arguments', level: 'repaired', path: '#tool_use', message })
  }
  return { type: 'tool_use', id: part.id, name: part.name, input, caller: { type: 'direct' } }
}
