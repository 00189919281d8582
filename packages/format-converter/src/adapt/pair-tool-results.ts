import type { ChatRequest, Turn } from '../model/chat-request.ts'
import type { ContentPart, ToolCallPart, ToolResultPart } from '../model/content-part.ts'
import { hashText } from '../wire/hash.ts'
import type { AdaptContext } from './adapt-context.ts'

/**
 * Puts every tool result directly behind its call, in call order; makes up for missing ones, turns orphans into text and
 * gives calls that share an id ids of their own.
 */
export function pairToolResults(request: ChatRequest, context: AdaptContext): ChatRequest {
  const ids = createIdKeeper()
  const turns: Turn[] = []
  let index = 0
  while (index < request.turns.length) {
    const turn = request.turns[index]
    if (turn === undefined) break
    const end = nextAssistant(request.turns, index + 1)
    const round = pairRound({
      first: turn,
      following: request.turns.slice(index + 1, end),
      ordinal: index,
      ids,
      context,
    })
    turns.push(...round)
    index = end
  }
  return isSame(turns, request.turns) ? request : { ...request, turns }
}

/** Hands out ids that no earlier call of the conversation has. */
interface IdKeeper {
  take(id: string, place: string): string
}

function createIdKeeper(): IdKeeper {
  const taken = new Set<string>()
  return {
    take(id, place) {
      const wished = id === '' ? `call_${hashText(place, 4)}` : id
      let unique = wished
      for (let suffix = 2; taken.has(unique); suffix += 1) unique = `${wished}_${suffix}`
      taken.add(unique)
      return unique
    },
  }
}

interface Round {
  /** An assistant turn, or whatever opens the conversation. */
  readonly first: Turn
  /** The turns up to the next assistant turn. */
  readonly following: readonly Turn[]
  readonly ordinal: number
  readonly ids: IdKeeper
  readonly context: AdaptContext
}

/** A call that waits for its result. */
interface Slot {
  readonly id: string
  readonly call: ToolCallPart
  result?: ToolResultPart
}

function pairRound(round: Round): readonly Turn[] {
  const isAssistant = round.first.role === 'assistant'
  const slots: Slot[] = []
  const first = isAssistant ? withUniqueIds(round, slots) : round.first
  const others = isAssistant ? round.following : [round.first, ...round.following]
  if (!others.some(holdsResult) && slots.length === 0) return [first, ...round.following]

  const before = others.findLastIndex(holdsResult)
  const rest = others.map((turn) => takeResults(turn, slots, round.context))
  const results = slots.map((slot) => slot.result ?? missingResult(slot, round.context))
  const remaining = rest.filter((turn) => turn.parts.length > 0)
  if (results.length === 0) return isAssistant ? [first, ...remaining] : remaining
  reportMovedOperators(others.slice(0, Math.max(0, before)), round.context)
  return [first, ...withResults(results, remaining, first.path)]
}

function withUniqueIds({ first, ordinal, ids, context }: Round, slots: Slot[]): Turn {
  let hasChanged = false
  const parts = first.parts.map((part, index): ContentPart => {
    if (part.type !== 'tool-call') return part
    const id = ids.take(part.id, `${ordinal}:${index}`)
    slots.push({ id, call: part })
    if (id === part.id) return part
    hasChanged = true
    context.report({
      code: 'tool_id_rewritten',
      level: 'repaired',
      path: part.path,
      message: 'a call id was empty or used twice and was replaced',
    })
    return { ...part, id }
  })
  return hasChanged ? { ...first, parts } : first
}

/** Moves the results of a turn into their slots; what has no slot becomes text. */
function takeResults(turn: Turn, slots: readonly Slot[], context: AdaptContext): Turn {
  if (!holdsResult(turn)) return turn
  const parts = turn.parts.flatMap((part): readonly ContentPart[] => {
    if (part.type !== 'tool-result') return [part]
    const candidates = slots.filter((slot) => slot.call.id === part.callId || slot.id === part.callId)
    const slot = candidates.find((candidate) => candidate.result === undefined) ?? candidates.at(-1)
    if (slot === undefined) return orphan(part, context)
    if (slot.result !== undefined) {
      const path = slot.result.path
      context.report({
        code: 'duplicate_tool_result',
        level: 'repaired',
        path,
        message: 'a call had two results; the later one counts',
      })
    }
    slot.result = part.callId === slot.id ? part : { ...part, callId: slot.id }
    return []
  })
  return { ...turn, parts }
}

function orphan(part: ToolResultPart, { report }: AdaptContext): readonly ContentPart[] {
  report({
    code: 'orphan_tool_result',
    level: 'degraded',
    path: part.path,
    message: 'a tool result without its call became text',
  })
  const [first, ...rest] = part.parts
  const opening = `[tool result ${part.callId}]`
  if (first?.type === 'text') return [{ type: 'text', text: `${opening} ${first.text}`, path: part.path }, ...rest]
  return [{ type: 'text', text: opening, path: part.path }, ...part.parts]
}

function missingResult(slot: Slot, { report }: AdaptContext): ToolResultPart {
  const { call, id } = slot
  report({
    code: 'missing_tool_result',
    level: 'repaired',
    path: call.path,
    message: 'a call without a result got one that says so',
  })
  const text = { type: 'text', text: 'Tool result missing.', path: call.path } as const
  return { type: 'tool-result', callId: id, parts: [text], isError: true, form: call.form, path: call.path }
}

/** Results open the user turn that follows; system turns that stood between move behind it. */
function withResults(results: readonly ToolResultPart[], remaining: readonly Turn[], path: string): readonly Turn[] {
  const [next, ...later] = remaining
  if (next?.role === 'user') return [{ ...next, parts: [...results, ...next.parts] }, ...later]
  const turn: Turn = { role: 'user', parts: results, path: results[0]?.path ?? path }
  return [turn, ...remaining]
}

function reportMovedOperators(turns: readonly Turn[], { report }: AdaptContext): void {
  for (const turn of turns) {
    if (turn.role !== 'operator') continue
    report({
      code: 'operator_moved',
      level: 'repaired',
      path: turn.path,
      message: 'a system message between calls and results was moved behind them',
    })
  }
}

function holdsResult(turn: Turn): boolean {
  return turn.parts.some((part) => part.type === 'tool-result')
}

function nextAssistant(turns: readonly Turn[], from: number): number {
  const index = turns.findIndex((turn, at) => at >= from && turn.role === 'assistant')
  return index === -1 ? turns.length : index
}

function isSame(turns: readonly Turn[], before: readonly Turn[]): boolean {
  return turns.length === before.length && turns.every((turn, index) => sameTurn(turn, before[index]))
}

function sameTurn(turn: Turn, before: Turn | undefined): boolean {
  if (turn === before) return true
  return (
    before !== undefined &&
    turn.role === before.role &&
    turn.parts.length === before.parts.length &&
    turn.parts.every((part, index) => part === before.parts[index])
  )
}
