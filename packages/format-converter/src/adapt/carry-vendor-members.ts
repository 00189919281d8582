import type { ChatRequest, Effort, Tool, Turn } from '../model/chat-request.ts'
import type { ContentPart } from '../model/content-part.ts'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import type { VendorField } from '../model/vendor-field.ts'
import { reportField } from '../wire/vendor-fields.ts'
import type { AdaptContext } from './adapt-context.ts'
import { EFFORTS } from './effort.ts'
import { mapParts, mapTurns } from './map-parts.ts'
import { withParameter } from './parameters.ts'

/** Switches that a later step reads where they are on; it reports what becomes of them. */
const READ_LATER: ReadonlySet<string> = new Set(['defer_loading'])

/**
 * Takes away the members of turns, parts and tools that only another vendor knows, and says so. Two of them have a
 * meaning elsewhere: the effort of the last message (Anthropic) and the name of a speaker (OpenAI, by option).
 */
export function carryVendorMembers(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (request.format === context.profile.format) return request
  const withEffort = useLastEffort(request)
  const turns = mapTurns(withEffort, (turn) => stripTurn(turn, context))
  const parts = mapParts(turns, (part) => stripPart(part, context))
  return { ...parts, tools: parts.tools.map((tool) => stripTool(tool, context)) }
}

/** `output_config.effort` of a message counts from there on; only that of the last one is still in force. */
function useLastEffort(request: ChatRequest): ChatRequest {
  const last = request.turns.at(-1)
  const field = last?.vendorFields?.find((candidate) => candidate.name === 'output_config')
  const effort = effortOf(field?.value)
  if (last === undefined || field === undefined || effort === undefined) return request
  const reasoning = request.parameters.reasoning?.value ?? { mode: 'default' as const }
  const turns = [
    ...request.turns.slice(0, -1),
    { ...last, vendorFields: last.vendorFields?.filter((candidate) => candidate !== field) },
  ]
  return withParameter({ ...request, turns }, 'reasoning', { value: { ...reasoning, effort }, path: field.path })
}

function effortOf(value: JsonValue | undefined): Effort | undefined {
  const effort = isJsonObject(value) ? value['effort'] : undefined
  return EFFORTS.find((candidate) => candidate === effort)
}

function stripTurn(turn: Turn, context: AdaptContext): Turn {
  if (turn.vendorFields === undefined) return turn
  const { vendorFields, ...bare } = turn
  const name = vendorFields.find((field) => field.name === 'name')?.value
  if (context.options.nameInText && typeof name === 'string') {
    reportAll(
      vendorFields.filter((field) => field.name !== 'name'),
      context,
    )
    return { ...bare, parts: withName(turn.parts, name) }
  }
  reportAll(vendorFields, context)
  return bare
}

function withName(parts: readonly ContentPart[], name: string): readonly ContentPart[] {
  const index = parts.findIndex((part) => part.type === 'text')
  const text = parts[index]
  return text?.type === 'text' ? parts.with(index, { ...text, text: `${name}: ${text.text}` }) : parts
}

function stripPart(part: ContentPart, context: AdaptContext): ContentPart {
  if (part.vendorFields === undefined) return part
  const { vendorFields, ...bare } = part
  reportAll(vendorFields, context)
  return bare
}

function stripTool(tool: Tool, context: AdaptContext): Tool {
  if (tool.type === 'server' || !('vendorFields' in tool) || tool.vendorFields === undefined) return tool
  const { vendorFields, ...bare } = tool
  const kept = vendorFields.filter((field) => READ_LATER.has(field.name) && field.value === true)
  reportAll(
    vendorFields.filter((field) => !kept.includes(field)),
    context,
  )
  return kept.length === 0 ? bare : { ...bare, vendorFields: kept }
}

function reportAll(fields: readonly VendorField[], { report }: AdaptContext): void {
  for (const field of fields) {
    if (field.isKnown && field.value === false) continue // a switch that is off is no loss
    reportField(field, 'the target has no such field', report)
  }
}
