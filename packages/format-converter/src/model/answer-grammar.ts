import type { AnswerEvent, EmitEvent, OpenPart } from './answer-event.ts'
import type { Failure } from './failure.ts'
import type { ReportLoss } from './loss.ts'
import type { StopReason } from './stop-reason.ts'
import { mergeUsage, type Usage } from './usage.ts'

/** Most blocks one answer may have; more is an attack or a broken upstream. */
const MAX_BLOCKS = 512

export interface AnswerGuardInit {
  readonly emit: EmitEvent
  readonly report: ReportLoss
  /** Hold everything back until something meaningful comes, so that a failure before it can still become a real status. */
  readonly holdStart: boolean
}

/**
 * `idle` nothing came; `held` something came, nothing was let through; `streaming`; `finished` with an `end`; `failed`.
 */
export type AnswerState = 'idle' | 'held' | 'streaming' | 'finished' | 'failed'

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
  readonly state: AnswerState
  readonly usage: Usage | undefined
  readonly stop: StopReason | undefined
  readonly failure: Failure | undefined
  readonly upstreamModel: string | undefined
  readonly blocks: number
  readonly toolCalls: number
}

export function createAnswerGuard({ emit, report, holdStart }: AnswerGuardInit): AnswerGuard {
  const open = new Set<number>()
  let held: AnswerEvent[] | undefined = holdStart ? [] : undefined
  let state: AnswerState = 'idle'
  let usage: Usage | undefined
  let stop: StopReason | undefined
  let failure: Failure | undefined
  let upstreamModel: string | undefined
  let blocks = 0
  let toolCalls = 0

  function pass(event: AnswerEvent): void {
    if (held === undefined) {
      state = 'streaming'
      emit(event)
      return
    }
    state = 'held'
    held.push(event)
    if (isMeaningful(event)) release()
  }

  function release(): void {
    const waiting = held ?? []
    held = undefined
    if (state === 'idle' || state === 'held') state = 'streaming'
    for (const event of waiting) emit(event)
  }

  function fail(reason: Failure): void {
    if (state === 'finished' || state === 'failed') return
    const wasCommitted = held === undefined && state === 'streaming'
    failure = reason
    held = undefined
    state = 'failed'
    if (wasCommitted) emit({ type: 'failure', failure: reason })
  }

  function openBlock(event: AnswerEvent & { type: 'open' }): void {
    blocks += 1
    if (blocks > MAX_BLOCKS) return fail({ kind: 'overflow', message: `the answer has more than ${MAX_BLOCKS} blocks` })
    if (isClientCall(event.part)) toolCalls += 1
    open.add(event.block)
    pass(event)
  }

  function passIfOpen(event: AnswerEvent & { block: number }): void {
    if (open.has(event.block)) pass(event)
    else report({ code: 'late_delta_dropped', level: 'lossy', path: `#${event.type}`, message: 'an event for a block that is not open was dropped' })
  }

  function closeBlock(event: AnswerEvent & { type: 'close' }): void {
    if (open.delete(event.block)) pass(event)
  }

  function finish(event: AnswerEvent & { type: 'finish' }): void {
    if (stop !== undefined) return
    for (const block of open) pass({ type: 'close', block })
    open.clear()
    stop = agreeWithCalls(event.reason, toolCalls)
    pass({ ...event, reason: stop })
  }

  function end(): void {
    if (stop === undefined) return fail({ kind: 'upstream_truncated', message: 'the upstream closed the stream before the answer was complete' })
    pass({ type: 'end' })
    state = 'finished'
  }

  function push(event: AnswerEvent): void {
    if (state === 'finished' || state === 'failed') return
    switch (event.type) {
      case 'delta':
        return passIfOpen(event)
      case 'boundary':
      case 'citation':
      case 'seal':
        return passIfOpen(event)
      case 'open':
        return openBlock(event)
      case 'close':
        return closeBlock(event)
      case 'start':
        upstreamModel ??= event.model
        return pass(event)
      case 'usage':
        usage = mergeUsage(usage, event.usage)
        return pass(event)
      case 'finish':
        return finish(event)
      case 'failure':
        return fail(event.failure)
      case 'ping':
        if (state === 'streaming') emit(event)
        return
      case 'end':
        return end()
    }
  }

  return {
    push,
    release,
    fail,
    get state() {
      return state
    },
    get usage() {
      return usage
    },
    get stop() {
      return stop
    },
    get failure() {
      return failure
    },
    get upstreamModel() {
      return upstreamModel
    },
    get blocks() {
      return blocks
    },
    get toolCalls() {
      return toolCalls
    },
  }
}

/** Something a user can see, a call, a proof, or the end: not a start, a count or an empty block. */
function isMeaningful(event: AnswerEvent): boolean {
  if (event.type === 'open') return event.part.type !== 'text' && event.part.type !== 'reasoning' && event.part.type !== 'refusal'
  if (event.type === 'delta') return event.text !== ''
  return event.type === 'seal' || event.type === 'finish' || event.type === 'citation'
}

function isClientCall(part: OpenPart): boolean {
  return part.type === 'tool-call'
}

/** The call rule (contract 3.2): calls without a `tool` reason have one, a `tool` reason without calls is a plain stop. */
function agreeWithCalls(reason: StopReason, toolCalls: number): StopReason {
  if ((reason === 'stop' || reason === 'unknown') && toolCalls > 0) return 'tool'
  if (reason === 'tool' && toolCalls === 0) return 'stop'
  return reason
}
