import type { ChatRequest, Turn } from '../model/chat-request.ts'
import type { ContentPart, ToolCallPart, ToolResultPart } from '../model/content-part.ts'
import { hashText } from '../wire/hash.ts'
import type { AdaptContext } from './adapt-context.ts'

/**
 * Puts every tool result directly behind its call, in call order; makes up for missing ones, turns orphans into text and
 * gives calls that share an id ids of their own.
 */
export function pairToolResults(request: ChatRequest, context: AdaptContext): ChatRequest {
  if (!request.turns.some(holdsCallOrResult)) return request
  const ids = createIdKeeper()
  const turns: Turn[] = []
  for (const { start, end } of rounds(request.turns)) {
    const round = { turns: request.turns.slice(start, end), ordinal: start, ids, context }
    for (const turn of pairRound(round)) turns.push(turn)
  }
  return isSame(turns, request.turns) ? request : { ...request, turns }
}

/** Hands out ids that no earlier call of the conversation has. */
interface IdKeeper {
  take(id: string, place: string): string
}

function createIdKeeper(): IdKeeper {
  const taken = new Set<string>()
  const suffixes = new Map<string, number>()
  return {
    take(id, place) {
      const wished = id === '' ? `call_${hashText(place, 4)}` : id
      let unique = wished
      let suffix = suffixes.get(wished) ?? 2
      for (; taken.has(unique); suffix += 1) unique = `${wished}_${suffix}`
      suffixes.set(wished, suffix)
      taken.add(unique)
      return unique
    },
  }
}

/** Stretches that begin with an assistant turn, or at the start, and end before the next assistant turn. */
function rounds(turns: readonly Turn[]): readonly { readonly start: number; readonly end: number }[] {
  const starts = turns.flatMap((turn, index) => (index === 0 || turn.role === 'assistant' ? [index] : []))
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? turns.length }))
}

interface Round {
  readonly turns: readonly Turn[]
  /** Place of the first turn in the conversation. */
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

/** The calls of one turn, in order, found by the id that their results name. */
interface Slots {
  readonly all: readonly Slot[]
  add(slot: Slot): void
  /** The next call of that id without a result, else the last one. */
  find(callId: string): Slot | undefined
}

function createSlots(): Slots {
  const all: Slot[] = []
  const byId = new Map<string, { readonly slots: Slot[]; next: number }>()

  function remember(id: string, slot: Slot): void {
    const queue = byId.get(id)
    if (queue === undefined) byId.set(id, { slots: [slot], next: 0 })
    else queue.slots.push(slot)
  }

  return {
    all,
    add(slot) {
      all.push(slot)
      remember(slot.call.id, slot)
      if (slot.id !== slot.call.id) remember(slot.id, slot)
    },
    find(callId) {
      const queue = byId.get(callId)
      if (queue === undefined) return undefined
      const slot = queue.slots[queue.next] ?? queue.slots.at(-1)
      queue.next += 1
      return slot
    },
  }
}

function pairRound(round: Round): readonly Turn[] {
  const [first, ...following] = round.turns
  if (first === undefined) return []
  const isAssistant = first.role === 'assistant'
  const slots = createSlots()
  const speaker = isAssistant ? [withUniqueIds(first, round, slots)] : []
  const others = isAssistant ? following : round.turns
  if (slots.all.length === 0 && !others.some(holdsResult)) return [...speaker, ...others]

  const rest = others.map((turn) => takeResults(turn, slots, round.context))
  const remaining = rest.filter((turn) => turn.parts.length > 0)
  if (slots.all.length === 0) return [...speaker, ...remaining]
  const lastResult = others.findLastIndex(holdsResult)
  reportMovedOperators(others.slice(0, Math.max(0, lastResult)), round.context)
  const results = slots.all.map((slot) => slot.result ?? missingResult(slot, round.context))
  return [...speaker, ...withResults(results, remaining, first.path)]
}

function withUniqueIds(turn: Turn, { ordinal, ids, context }: Round, slots: Slots): Turn {
  let hasChanged = false
  const parts = turn.parts.map((part, index): ContentPart => {
    if (part.type !== 'tool-call') return part
    const id = ids.take(part.id, `${ordinal}:${index}`)
    slots.add({ id, call: part })
    if (id === part.id) return part
    hasChanged = true
    const message = 'a call id was empty or used twice and was replaced'
    context.report({ code: 'tool_id_rewritten', level: 'repaired', path: part.path, message })
    return { ...part, id }
  })
  return hasChanged ? { ...turn, parts } : turn
}

/** Moves the results of a turn into their slots; what has no slot becomes text. */
function takeResults(turn: Turn, slots: Slots, context: AdaptContext): Turn {
  if (!holdsResult(turn)) return turn
  const parts = turn.parts.flatMap((part): readonly ContentPart[] => {
    if (part.type !== 'tool-result') return [part]
    const slot = slots.find(part.callId)
    if (slot === undefined) return orphan(part, context)
    if (slot.result !== undefined) {
      const message = 'a call had two results; the later one counts'
      context.report({ code: 'duplicate_tool_result', level: 'repaired', path: slot.result.path, message })
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

function holdsCallOrResult(turn: Turn): boolean {
  return turn.parts.some(({ type }) => type === 'tool-call' || type === 'tool-result')
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
