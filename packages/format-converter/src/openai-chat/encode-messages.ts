import type { EncodeRequestContext } from '../codec.ts'
import type { Turn } from '../model/chat-request.ts'
import type { ContentPart, ReasoningPart, ToolCallPart, ToolResultPart } from '../model/content-part.ts'
import type { JsonObject, JsonValue, MutableJsonObject } from '../model/json.ts'
import { withVendorFields } from '../wire/vendor-fields.ts'
import { encodeContent, joinText } from './encode-content.ts'
import { detailsOfSeal } from './reasoning.ts'
import { encodeThoughtSignature } from './thought-signature.ts'

/** Between the texts of one message, where the target wants one string. */
const TEXT_SEPARATOR = '\n\n'

/** What stands for a tool result without output, where the upstream refuses an empty one. */
const NO_OUTPUT = '(no output)'

/** Writes the turns of an adapted request as messages. */
export function encodeMessages(turns: readonly Turn[], context: EncodeRequestContext): readonly JsonObject[] {
  const messages: JsonObject[] = []
  for (const turn of turns) for (const message of encodeTurn(turn, context)) messages.push(message)
  return messages
}

function encodeTurn(turn: Turn, context: EncodeRequestContext): readonly JsonObject[] {
  switch (turn.role) {
    case 'operator':
      return [encodeOperator(turn, context)]
    case 'user':
      return encodeUser(turn, context)
    case 'assistant':
      return [encodeAssistant(turn, context)]
  }
}

function encodeOperator(turn: Turn, context: EncodeRequestContext): JsonObject {
  const { systemRole } = context.profile.dialect
  const automatic = context.profile.model.isReasoningModel ? 'developer' : 'system'
  const role = systemRole === 'auto' ? automatic : systemRole
  const content = encodeContent(turn.parts, TEXT_SEPARATOR, context) ?? ''
  return withVendorFields({ role, content }, turn.vendorFields)
}

/** Results become messages of their own, before what the user says. */
function encodeUser(turn: Turn, context: EncodeRequestContext): readonly JsonObject[] {
  const results: JsonObject[] = []
  const said: ContentPart[] = []
  for (const part of turn.parts) {
    if (part.type === 'tool-result') results.push(encodeResult(part, context))
    else said.push(part)
  }
  if (said.length === 0 && results.length > 0) return results
  const content = encodeContent(said, TEXT_SEPARATOR, context) ?? ''
  return [...results, withVendorFields({ role: 'user', content }, turn.vendorFields)]
}

function encodeResult(part: ToolResultPart, context: EncodeRequestContext): JsonObject {
  const { dialect } = context.profile
  const content = encodeContent(withErrorPrefix(part, context.options.toolErrorPrefix), '\n', context) ?? ''
  const isRefused = content === '' && dialect.rejectsEmptyToolResult
  const message = { role: 'tool', tool_call_id: part.callId, content: isRefused ? NO_OUTPUT : content }
  return withVendorFields(message, part.vendorFields)
}

/** Chat has no flag for a failed tool: its words must say so. */
function withErrorPrefix(part: ToolResultPart, prefix: string): readonly ContentPart[] {
  if (part.isError !== true) return part.parts
  const [first, ...rest] = part.parts
  if (first?.type !== 'text') return [{ type: 'text', text: prefix, path: part.path }, ...part.parts]
  return first.text.startsWith(prefix) ? part.parts : [{ ...first, text: prefix + first.text }, ...rest]
}

function encodeAssistant(turn: Turn, context: EncodeRequestContext): JsonObject {
  const calls: JsonObject[] = []
  const reasoning: ReasoningPart[] = []
  const said: ContentPart[] = []
  let audio: JsonValue | undefined
  for (const part of turn.parts) {
    if (part.type === 'tool-call') calls.push(encodeCall(part))
    else if (part.type === 'reasoning') reasoning.push(part)
    else if (part.type === 'opaque' && part.kind === 'audio' && part.format === 'openai-chat') audio = part.raw
    else said.push(part)
  }
  const message: MutableJsonObject = { role: 'assistant', ...encodeSaid(said, calls.length > 0, context) }
  if (audio !== undefined) message['audio'] = audio
  const thoughts = reasoning.filter(isThought)
  const replay = encodeReasoning(
    reasoning.filter((part) => !isThought(part)),
    context,
  )
  const signed = signCalls(calls, thoughts)
  const written = { ...message, ...replay, tool_calls: signed.length > 0 ? signed : undefined }
  return withVendorFields(written, turn.vendorFields)
}

/** Whether it is Google's proof of the thought behind a call. */
function isThought({ seal }: ReasoningPart): boolean {
  return seal?.kind === 'gemini-signature'
}

/** Each proof goes back with its call; those whose calls have other ids by now, in order with the calls that have none. */
function signCalls(calls: readonly JsonObject[], thoughts: readonly ReasoningPart[]): readonly JsonObject[] {
  if (thoughts.length === 0) return calls
  const own = calls.map(({ id }) => thoughts.find(({ seal }) => seal?.itemId === id))
  const strays = thoughts.filter((thought) => !own.includes(thought))
  return calls.map((call, index) => {
    const seal = (own[index] ?? strays.shift())?.seal
    return seal === undefined ? call : { ...call, ...encodeThoughtSignature(seal) }
  })
}

function encodeSaid(said: readonly ContentPart[], hasCalls: boolean, context: EncodeRequestContext): JsonObject {
  const refusals = said.filter((part) => part.type === 'refusal')
  const others = said.filter((part) => part.type !== 'refusal')
  const isPlain = others.every((part) => part.type === 'text' && part.cacheMark === undefined)
  const text = isPlain
    ? joinText(others, context.options.textJoin, context)
    : encodeContent(others, TEXT_SEPARATOR, context)
  const refusal = refusals.length === 0 ? undefined : refusals.map((part) => part.text).join('')
  if (text !== undefined && !(text === '' && hasCalls)) return { content: text, refusal }
  return { ...noContent(hasCalls || refusal !== undefined, context), refusal }
}

/** Beside calls an empty text is refused by some servers, and a missing one by others. */
function noContent(mayBeNull: boolean, context: EncodeRequestContext): JsonObject {
  if (!mayBeNull) return { content: '' }
  switch (context.profile.dialect.nullContent) {
    case 'null':
      return { content: null }
    case 'empty':
      return { content: '' }
    case 'omit':
      return {}
  }
}

function encodeCall(part: ToolCallPart): JsonObject {
  const { id, name } = part
  const body: JsonObject =
    part.form === 'free'
      ? { id, type: 'custom', custom: { name, input: part.arguments } }
      : { id, type: 'function', function: { name, arguments: part.arguments.trim() === '' ? '{}' : part.arguments } }
  return withVendorFields(body, part.vendorFields)
}

/** Earlier reasoning in the form that the upstream wants back. */
function encodeReasoning(parts: readonly ReasoningPart[], context: EncodeRequestContext): JsonObject {
  if (parts.length === 0) return {}
  switch (context.profile.dialect.reasoningReplay) {
    case 'reasoning_content':
      return { reasoning_content: textOf(parts) }
    case 'reasoning_details': {
      const details = parts.flatMap((part) => (part.seal === undefined ? [] : detailsOfSeal(part.seal)))
      return details.length > 0 ? { reasoning_details: details } : { reasoning: textOf(parts) }
    }
    case 'none':
      for (const part of parts) {
        const message = 'the upstream takes no earlier reasoning'
        context.report({ code: 'reasoning_dropped', level: 'info', path: part.path, message })
      }
      return {}
  }
}

function textOf(parts: readonly ReasoningPart[]): string {
  return parts
    .map((part) => part.text)
    .filter((text) => text !== '')
    .join('\n\n')
}
