import type { ChatRequest, Turn } from '../model/chat-request.ts'
import type { ContentPart, TextPart } from '../model/content-part.ts'
import { isMessagesTarget, type AdaptContext } from './adapt-context.ts'
import { joinTurns } from './merge-turns.ts'

/**
 * Gives late system and developer turns a place that a target takes. Most servers of OpenAI's formats take them anywhere but
 * between calls and results, which `pairToolResults` sees to; some take one system message, at the beginning.
 *
 * A conversation is seen as stretches between assistant turns. In each, system text goes behind the user's (where the
 * model knows late system messages) or into the user's message as a reminder. It never crosses an assistant turn: what
 * the model saw when it spoke stays before it, and the cached prefix stays the same on the next request.
 */
export function placeOperators(request: ChatRequest, context: AdaptContext): ChatRequest {
  const { model, dialect } = context.profile
  const isMessages = isMessagesTarget(context)
  if (!isMessages && dialect.lateSystem) return request
  const { early, late } = splitAtFirstWord(request.turns)
  const front = isMessages ? early : joinTurns(early)
  if (front === early && !late.some((turn) => turn.role === 'operator')) return request
  const place = isMessages && model.midSystem ? placeBehindUser : placeAsReminder
  return { ...request, turns: [...front, ...stretches(late).flatMap((stretch) => place(stretch, context))] }
}

function splitAtFirstWord(turns: readonly Turn[]): { readonly early: readonly Turn[]; readonly late: readonly Turn[] } {
  const found = turns.findIndex((turn) => turn.role !== 'operator')
  const start = found === -1 ? turns.length : found
  return { early: turns.slice(0, start), late: turns.slice(start) }
}

/** Turns up to and without the next assistant turn; assistant turns alone. */
interface Stretch {
  readonly turns: readonly Turn[]
  /** The assistant turn right before ends with a server tool's result, after which a system message is legal. */
  readonly followsServerTool: boolean
}

function stretches(turns: readonly Turn[]): readonly Stretch[] {
  const found: Stretch[] = []
  let current: Turn[] = []
  let followsServerTool = false
  const close = (): void => {
    if (current.length > 0) found.push({ turns: current, followsServerTool })
    current = []
  }
  for (const turn of turns) {
    if (turn.role === 'assistant') {
      close()
      found.push({ turns: [turn], followsServerTool: false })
      followsServerTool = turn.parts.at(-1)?.type === 'server-tool'
    } else {
      current.push(turn)
    }
  }
  close()
  return found
}

/** The model knows system messages that directly follow a user message and end the stretch. */
function placeBehindUser(stretch: Stretch, context: AdaptContext): readonly Turn[] {
  const lastUser = stretch.turns.findLastIndex((turn) => turn.role === 'user')
  const [first, ...more] = stretch.turns.filter((turn) => turn.role === 'operator')
  if (first === undefined) return stretch.turns
  if (lastUser === -1 && !stretch.followsServerTool) return placeAsReminder(stretch, context)
  const moved = stretch.turns.slice(0, Math.max(0, lastUser)).find((turn) => turn.role === 'operator')
  if (moved !== undefined) {
    const message = 'a system message was moved behind the user message'
    context.report({ code: 'operator_moved', level: 'repaired', path: moved.path, message })
  }
  const others = stretch.turns.filter((turn) => turn.role !== 'operator')
  return [...others, { ...first, parts: [first, ...more].flatMap((turn) => turn.parts) }]
}

/** Into the nearest following user message of the stretch, else the preceding one, else one of its own. */
function placeAsReminder(stretch: Stretch, context: AdaptContext): readonly Turn[] {
  const placed: Turn[] = []
  let waiting: (readonly ContentPart[])[] = []
  for (const turn of stretch.turns) {
    if (turn.role === 'operator') {
      waiting.push(reminderParts(turn, context))
    } else {
      placed.push(waiting.length === 0 ? turn : { ...turn, parts: [...turn.parts, ...waiting.flat()] })
      waiting = []
    }
  }
  const late = waiting.flat()
  const last = placed.at(-1)
  const [first] = stretch.turns
  if (late.length === 0 || first === undefined) return placed
  if (last === undefined) return [{ role: 'user', path: first.path, parts: late }]
  return [...placed.slice(0, -1), { ...last, parts: [...last.parts, ...late] }]
}

function reminderParts(turn: Turn, { report }: AdaptContext): readonly ContentPart[] {
  const texts = turn.parts.filter((part): part is TextPart => part.type === 'text' && part.text.trim() !== '')
  const others = turn.parts.filter((part) => part.type !== 'text')
  if (texts.length === 0) return others
  report({
    code: 'operator_as_user',
    level: 'degraded',
    path: turn.path,
    message: 'a late system message became a reminder in a user message',
  })
  const text = texts.map((part) => part.text).join('\n\n')
  const reminder: TextPart = { type: 'text', text: `<system-reminder>\n${text}\n</system-reminder>`, path: turn.path }
  return [reminder, ...others]
}
