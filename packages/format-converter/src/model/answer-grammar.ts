import type { AnswerEvent, EmitEvent } from './answer-event.ts'
import { type Failure, TRUNCATED } from './failure.ts'
import type { ReportLoss } from './loss.ts'
import type { StopReason } from './stop-reason.ts'
import { mergeUsage, USAGE_INCONSISTENT, type Usage } from './usage.ts'

/** Most blocks one answer may have; more is an attack or a broken upstream. */
const MAX_BLOCKS = 512

/** Where the events of a guard go, and what it is told. */
export interface AnswerGuardInit {
  readonly emit: EmitEvent
  readonly report: ReportLoss
  /** Hold everything back until something meaningful comes, so that a failure before it can still become a real status. */
  readonly holdStart: boolean
  /** The id under which the client sees a call; default the upstream's own. */
  readonly callId?: (id: string) => string
}

/** `idle` nothing came; `held` something came, nothing was let through; `streaming`; `finished` with an `end`; `failed`. */
export type AnswerState = 'idle' | 'held' | 'streaming' | 'finished' | 'failed'

/** What a guard has seen of an answer. */
export interface AnswerProgress {
  state: AnswerState
  usage: Usage | undefined
  stop: StopReason | undefined
  failure: Failure | undefined
  upstreamId: string | undefined
  upstreamModel: string | undefined
  blocks: number
  toolCalls: number
  /** Something meaningful has come: no start, no empty block, no failure. */
  hasContent: boolean
}

/**
 * Checks the order of an answer's events while they pass, and completes what is certain: open blocks are closed before
 * the finish, the stop reason agrees with the calls that were made, an end without a finish is a failure.
 */
export interface AnswerGuard {
  readonly push: EmitEvent
  /** Lets held events through now. */
  release(): void
  /** Ends the answer with a failure, unless it has ended. */
  fail(failure: Failure): void
  readonly progress: Readonly<AnswerProgress>
}

interface Guard extends Required<AnswerGuardInit> {
  readonly progress: AnswerProgress
  readonly open: Set<number>
  readonly callIds: Set<string>
  /** Events that wait for something meaningful; `undefined` once the way is free. */
  held: AnswerEvent[] | undefined
}

/**
 * Checks the order of an answer's events while they pass, repairs what is harmless, and turns a cut answer into a failure: what
 * comes out always fulfils the order that {@link AnswerEvent} promises.
 */
export function createAnswerGuard(init: AnswerGuardInit): AnswerGuard {
  const guard: Guard = {
    callId: (id) => id,
    ...init,
    open: new Set(),
    callIds: new Set(),
    held: init.holdStart ? [] : undefined,
    progress: {
      state: 'idle',
      usage: undefined,
      stop: undefined,
      failure: undefined,
      upstreamId: undefined,
      upstreamModel: undefined,
      blocks: 0,
      toolCalls: 0,
      hasContent: false,
    },
  }
  return {
    push: (event) => push(guard, event),
    release: () => release(guard),
    fail: (failure) => fail(guard, failure),
    progress: guard.progress,
  }
}

function push(guard: Guard, event: AnswerEvent): void {
  const { progress } = guard
  if (progress.state === 'finished' || progress.state === 'failed') return
  switch (event.type) {
    case 'delta':
    case 'boundary':
    case 'citation':
    case 'seal':
      return passIfOpen(guard, event)
    case 'open':
      return openBlock(guard, event)
    case 'close':
      return guard.open.delete(event.block) ? pass(guard, event) : undefined
    case 'start':
      progress.upstreamId ??= event.id
      progress.upstreamModel ??= event.model
      return pass(guard, event)
    case 'usage':
      progress.usage = mergeUsage(progress.usage, event.usage)
      if (event.usage.isInconsistent === true) guard.report(USAGE_INCONSISTENT)
      return pass(guard, event)
    case 'finish':
      return finish(guard, event)
    case 'failure':
      return fail(guard, event.failure)
    case 'ping':
      return progress.state === 'streaming' ? guard.emit(event) : undefined
    case 'end':
      return end(guard)
  }
}

function pass(guard: Guard, event: AnswerEvent): void {
  guard.progress.hasContent ||= isMeaningful(event)
  if (guard.held === undefined) {
    guard.progress.state = 'streaming'
    guard.emit(event)
    return
  }
  guard.progress.state = 'held'
  guard.held.push(event)
  if (guard.progress.hasContent) release(guard)
}

function release(guard: Guard): void {
  const { progress, held = [] } = guard
  guard.held = undefined
  if (progress.state === 'idle' || progress.state === 'held') progress.state = 'streaming'
  for (const event of held) guard.emit(event)
}

function fail(guard: Guard, failure: Failure): void {
  const { progress } = guard
  if (progress.state === 'finished' || progress.state === 'failed') return
  const wasCommitted = guard.held === undefined && progress.state === 'streaming'
  progress.failure = failure
  progress.state = 'failed'
  guard.held = undefined
  if (wasCommitted && failure.kind !== 'client_abort') guard.emit({ type: 'failure', failure }) // nobody reads on
}

function openBlock(guard: Guard, event: AnswerEvent & { type: 'open' }): void {
  const { progress, open } = guard
  progress.blocks += 1
  if (progress.blocks > MAX_BLOCKS)
    return fail(guard, { kind: 'overflow', message: `the answer has more than ${MAX_BLOCKS} blocks` })
  open.add(event.block)
  if (event.part.type !== 'tool-call') return pass(guard, event)
  progress.toolCalls += 1
  const id = freshCallId(guard, event.part.id)
  pass(guard, id === event.part.id ? event : { ...event, part: { ...event.part, id } })
}

/** Clients answer a call by its id: one that their format does not take, or that comes twice, breaks some of them. */
function freshCallId({ callIds, callId, report }: Guard, id: string): string {
  const legal = callId(id)
  let fresh = legal
  for (let round = 2; callIds.has(fresh); round++) fresh = callId(`${legal}_${round}`)
  callIds.add(fresh)
  const message = fresh === legal ? ILLEGAL_ID : USED_TWICE
  if (fresh !== id) report({ code: 'tool_id_rewritten', level: 'repaired', path: '#tool-call', message })
  return fresh
}

const USED_TWICE = 'the upstream gave one id to two calls; the later one got its own'
const ILLEGAL_ID = "the upstream gave a call an id that the client's format does not take"

function passIfOpen(guard: Guard, event: AnswerEvent & { readonly block: number }): void {
  const isUnderWay = guard.held === undefined && guard.progress.hasContent
  if (guard.open.has(event.block)) return isUnderWay ? guard.emit(event) : pass(guard, event)
  guard.report({
    code: 'late_delta_dropped',
    level: 'lossy',
    path: `#${event.type}`,
    message: 'an event for a block that is not open was dropped',
  })
}

function finish(guard: Guard, event: AnswerEvent & { type: 'finish' }): void {
  const { progress, open } = guard
  if (progress.stop !== undefined) return
  for (const block of open) pass(guard, { type: 'close', block })
  open.clear()
  progress.stop = agreeWithCalls(event.reason, progress.toolCalls)
  pass(guard, { ...event, reason: progress.stop })
}

function end(guard: Guard): void {
  if (guard.progress.stop === undefined) return fail(guard, TRUNCATED)
  pass(guard, { type: 'end' })
  guard.progress.state = 'finished'
}

/** Something a user can see, a call, a proof, or the end: not a start, a count or an empty block. */
function isMeaningful(event: AnswerEvent): boolean {
  if (event.type === 'open') {
    const { type } = event.part
    return type !== 'text' && type !== 'reasoning' && type !== 'refusal'
  }
  if (event.type === 'delta') return event.text !== ''
  return event.type === 'seal' || event.type === 'finish' || event.type === 'citation'
}

/** The call rule (contract 3.2): calls without a `tool` reason have one, a `tool` reason without calls is a plain stop. */
function agreeWithCalls(reason: StopReason, toolCalls: number): StopReason {
  if ((reason === 'stop' || reason === 'unknown') && toolCalls > 0) return 'tool'
  if (reason === 'tool' && toolCalls === 0) return 'stop'
  return reason
}
