import type { ChatRequest, Tool, Turn } from '../model/chat-request.ts'
import type { CacheMark, ContentPart } from '../model/content-part.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { mapParts } from './map-parts.ts'
import { withoutParameter, withParameter } from './parameters.ts'

/** Breakpoints that one request may have, with Anthropic and with OpenAI. */
const MOST_MARKS = 4

/** Keeps, translates or strips prompt-cache breakpoints. They change cost, never the answer. */
export function markCache(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (!context.profile.dialect.explicitCache) return stripAll(request, context)
  const settled = isMessagesTarget(context)
    ? cacheByOption(request, context)
    : moveToolMark(stripAutomatic(request, context))
  const translated = mapParts(settled, (part, turn) => translatePart(part, turn, context))
  const tools = translated.tools.map((tool) => translateTool(tool, context))
  return keepLast({ ...translated, tools }, context)
}

/** Chat tools take no marks; the system prompt, which follows them in the prefix, does. */
function moveToolMark(request: ChatRequest): ChatRequest {
  const mark = request.tools.findLast((tool) => tool.type === 'function' && tool.cacheMark !== undefined)
  const index = request.turns.findIndex((turn) => turn.role !== 'operator') - 1
  const system = request.turns[index]
  const last = system?.parts.at(-1)
  if (mark?.type !== 'function' || system === undefined || last?.type !== 'text' || last.cacheMark !== undefined)
    return request
  const parts: ContentPart[] = [...system.parts.slice(0, -1), { ...last, cacheMark: mark.cacheMark }]
  const { cacheMark: _moved, ...bare } = mark
  const tools = request.tools.map((tool) => (tool === mark ? bare : tool))
  return { ...request, turns: request.turns.with(index, { ...system, parts }), tools }
}

function stripAll(request: ChatRequest, context: AdaptContext): ChatRequest {
  const bare = mapParts(request, (part) => stripPart(part, context))
  return stripAutomatic({ ...bare, tools: bare.tools.map((tool) => stripTool(tool, context)) }, context)
}

function stripAutomatic(request: ChatRequest, context: AdaptContext): ChatRequest {
  const mark = request.parameters.automaticCache
  if (mark === undefined) return request
  reportDropped(mark.value, context)
  return withoutParameter(request, 'automaticCache')
}

/** OpenAI clients cannot ask Anthropic for caching; the operator can. */
function cacheByOption(request: ChatRequest, { options }: AdaptContext): ChatRequest {
  if (!options.autoCache || request.format === 'anthropic-messages' || request.parameters.automaticCache !== undefined)
    return request
  return withParameter(request, 'automaticCache', { value: { path: '' }, path: '' })
}

function translatePart(part: ContentPart, turn: Turn, context: AdaptContext): ContentPart {
  const mark = part.cacheMark
  if (mark === undefined) return part
  if (!takesMark(part, turn, context)) return stripPart(part, context)
  const ttl = translateTtl(mark, context)
  return ttl === mark.ttl ? part : { ...part, cacheMark: ttl === undefined ? { path: mark.path } : { ...mark, ttl } }
}

/** Proofs of reasoning must not be touched, and Chat marks only what users and the system say. */
function takesMark(part: ContentPart, turn: Turn, context: AdaptContext): boolean {
  if (part.type === 'reasoning') return false
  if (isMessagesTarget(context)) return true
  return turn.role !== 'assistant' && (part.type === 'text' || part.type === 'image' || part.type === 'document')
}

function translateTool(tool: Tool, context: AdaptContext): Tool {
  if (tool.type !== 'function' || tool.cacheMark === undefined) return tool
  if (!isMessagesTarget(context)) return stripTool(tool, context)
  const ttl = translateTtl(tool.cacheMark, context)
  return ttl === tool.cacheMark.ttl
    ? tool
    : { ...tool, cacheMark: { path: tool.cacheMark.path, ...(ttl !== undefined && { ttl }) } }
}

/** Anthropic keeps 5 minutes or an hour, OpenAI 30 minutes or 12 hours; the shorter one is the default. */
function translateTtl(mark: CacheMark, context: AdaptContext): string | undefined {
  const change = (replacedBy: string): void =>
    context.report({
      code: 'cache_ttl_changed',
      level: 'degraded',
      path: mark.path,
      message: 'the target keeps caches for other times',
      detail: { value: mark.ttl ?? '', replacedBy },
    })
  if (isMessagesTarget(context)) {
    if (mark.ttl === '30m') change('5m')
    if (mark.ttl === '12h') return '1h'
    return mark.ttl === '30m' ? undefined : mark.ttl
  }
  if (mark.ttl === '5m' || mark.ttl === '30m') return undefined
  if (mark.ttl !== '1h') return mark.ttl
  if (context.options.cacheTtl === 'roundUp') return '12h'
  change('30m')
  return undefined
}

/** Tools come first in the prefix, then the system prompt, then the conversation: the last marks cover the most. */
function keepLast(request: ChatRequest, context: AdaptContext): ChatRequest {
  const limit = MOST_MARKS - (request.parameters.automaticCache === undefined ? 0 : 1)
  let surplus = countMarks(request) - limit
  if (surplus <= 0) return request
  const isSurplus = (): boolean => (surplus -= 1) >= 0
  const tools = request.tools.map((tool) =>
    'cacheMark' in tool && tool.cacheMark !== undefined && isSurplus() ? stripTool(tool, context) : tool,
  )
  return {
    ...mapParts(request, (part) => (part.cacheMark !== undefined && isSurplus() ? stripPart(part, context) : part)),
    tools,
  }
}

function countMarks(request: ChatRequest): number {
  let count = request.tools.filter((tool) => 'cacheMark' in tool && tool.cacheMark !== undefined).length
  mapParts(request, (part) => {
    if (part.cacheMark !== undefined) count += 1
    return part
  })
  return count
}

function stripPart(part: ContentPart, context: AdaptContext): ContentPart {
  if (part.cacheMark === undefined) return part
  const { cacheMark, ...bare } = part
  reportDropped(cacheMark, context)
  return bare
}

function stripTool(tool: Tool, context: AdaptContext): Tool {
  if (tool.type !== 'function' || tool.cacheMark === undefined) return tool
  const { cacheMark, ...bare } = tool
  reportDropped(cacheMark, context)
  return bare
}

function reportDropped(mark: CacheMark, { report }: AdaptContext): void {
  report({ code: 'cache_mark_dropped', level: 'info', path: mark.path, message: 'the cache mark was not carried' })
}
