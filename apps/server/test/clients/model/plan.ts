import type { Asked, ToolCall } from './asked.ts'
import { grip } from './hands.ts'
import type { Action } from './hands.ts'

/** What the model wants to do, step by step; a step sees what the tools answered before. */
export interface Plan {
  readonly steps: readonly Step[]
  /** The last words. */
  finish(story: Story): string
}

export interface Step {
  /** Lower-case letters; it is part of the ids of the step's calls. */
  readonly name: string
  /** Said before the calls. */
  readonly text?: string
  /** What to do at once, in parallel; an action that no tool on offer can do is left out. */
  act(story: Story): readonly Action[]
}

/** What has happened so far. */
export interface Story {
  /** What the tool answered to an action of a step; empty where it was not done. */
  result(step: string, action?: number): string
  /** The pictures it was shown, base64. */
  readonly pictures: readonly string[]
}

/** What the model says next. */
export interface NextTurn {
  readonly text: string
  readonly calls: readonly ToolCall[]
}

/**
 * Decides from the history alone what comes next, so that a repeated request gets the same answer.
 *
 * @param idPrefix - how ids of calls begin in the format of the request
 */
export function nextTurn(plan: Plan, asked: Asked, idPrefix: string): NextTurn {
  const done = new Set(asked.callIds)
  const story: Story = {
    result: (step, action = 0) => asked.results.get(callId(idPrefix, step, action)) ?? '',
    pictures: asked.pictures,
  }
  for (const step of plan.steps) {
    if (done.has(callId(idPrefix, step.name, 0))) continue
    const calls = callsOf(step, { asked, story, idPrefix, done })
    if (calls.length > 0) return { text: step.text ?? '', calls }
  }
  return { text: plan.finish(story), calls: [] }
}

interface Moment {
  readonly asked: Asked
  readonly story: Story
  readonly idPrefix: string
  readonly done: ReadonlySet<string>
}

function callsOf(step: Step, moment: Moment): readonly ToolCall[] {
  const { tools } = moment.asked
  const actions = step.act(moment.story)
  const calls: ToolCall[] = []
  for (const action of actions) {
    const held = grip(tools, action)
    if (held !== undefined) calls.push({ id: callId(moment.idPrefix, step.name, calls.length), ...held })
  }
  const needsSearch = calls.length === 0 && actions.some(({ type }) => type === 'search')
  return needsSearch ? lookUp(step, moment) : calls
}

/** Asks once for the tool that searches the web, where the client keeps tools back. */
function lookUp(step: Step, { asked, idPrefix, done }: Moment): readonly ToolCall[] {
  const id = callId(idPrefix, `${step.name}tool`, 0)
  const held = done.has(id) ? undefined : grip(asked.tools, { type: 'look-up', tool: 'WebSearch' })
  return held === undefined ? [] : [{ id, ...held }]
}

function callId(prefix: string, step: string, action: number): string {
  return `${prefix}${step}_${action}`
}
