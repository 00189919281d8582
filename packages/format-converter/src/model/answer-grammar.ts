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

/**
 * Checks the order of an answer's events while they pass, repairs what is harmless, and turns a cut answer into a failure: what
 * comes out always fulfils the order that {@link AnswerEvent} promises.
 */
export function createAnswerGuard(init: AnswerGuardInit): AnswerGuard {
  return new Guard(init)
}

class Guard implements AnswerGuard {
  readonly progress: AnswerProgress = {
    state: 'idle',
    usage: undefined,
    stop: undefined,
    failure: undefined,
    upstreamId: undefined,
    upstreamModel: undefined,
    blocks: 0,
    toolCalls: 0,
    hasContent: false,
  }
  readonly #init: AnswerGuardInit
  readonly #emit: EmitEvent
  /** Blocks that are open. */
  readonly #open = new Set<number>()
  /** Those that the client has seen; made with the first call. */
  #callIds: Set<string> | undefined = undefined
  /** Events that wait for something meaningful; `undefined` once the way is free. */
  #held: AnswerEvent[] | undefined

  constructor(init: AnswerGuardInit) {
    this.#init = init
    this.#emit = init.emit
    this.#held = init.holdStart ? [] : undefined
  }

  /** Bound to its guard: it is what a decoder gets to emit to. */
  readonly push: EmitEvent = (event) => {
    const { progress } = this
    if (progress.state === 'finished' || progress.state === 'failed') return
    switch (event.type) {
      case 'delta':
      case 'boundary':
      case 'citation':
      case 'seal':
        return this.#passIfOpen(event)
      case 'open':
        return this.#openBlock(event)
      case 'close':
        return this.#open.delete(event.block) ? this.#pass(event) : undefined
      case 'start':
        progress.upstreamId ??= event.id
        progress.upstreamModel ??= event.model
        return this.#pass(event)
      case 'usage':
        progress.usage = mergeUsage(progress.usage, event.usage)
        if (event.usage.isInconsistent === true) this.#init.report(USAGE_INCONSISTENT)
        return this.#pass(event)
      case 'finish':
        return this.#finish(event)
      case 'failure':
        return this.fail(event.failure)
      case 'ping':
        return progress.state === 'streaming' ? this.#emit(event) : undefined
      case 'end':
        return this.#end()
    }
  }

  release(): void {
    const { progress } = this
    const held = this.#held
    this.#held = undefined
    if (progress.state === 'idle' || progress.state === 'held') progress.state = 'streaming'
    for (const event of held ?? []) this.#emit(event)
  }

  fail(failure: Failure): void {
    const { progress } = this
    if (progress.state === 'finished' || progress.state === 'failed') return
    const wasCommitted = this.#held === undefined && progress.state === 'streaming'
    progress.failure = failure
    progress.state = 'failed'
    this.#held = undefined
    if (wasCommitted && failure.kind !== 'client_abort') this.#emit({ type: 'failure', failure }) // nobody reads on
  }

  #pass(event: AnswerEvent): void {
    this.progress.hasContent ||= isMeaningful(event)
    if (this.#held === undefined) {
      this.progress.state = 'streaming'
      this.#emit(event)
      return
    }
    this.progress.state = 'held'
    this.#held.push(event)
    if (this.progress.hasContent) this.release()
  }

  #openBlock(event: AnswerEvent & { type: 'open' }): void {
    const { progress } = this
    progress.blocks += 1
    if (progress.blocks > MAX_BLOCKS)
      return this.fail({ kind: 'overflow', message: `the answer has more than ${MAX_BLOCKS} blocks` })
    this.#open.add(event.block)
    if (event.part.type !== 'tool-call') return this.#pass(event)
    progress.toolCalls += 1
    const id = this.#freshCallId(event.part.id)
    this.#pass(id === event.part.id ? event : { ...event, part: { ...event.part, id } })
  }

  /** Clients answer a call by its id: one that their format does not take, or that comes twice, breaks some of them. */
  #freshCallId(id: string): string {
    const { callId, report } = this.#init
    const known = (this.#callIds ??= new Set())
    const legal = callId?.(id) ?? id
    let fresh = legal
    for (let round = 2; known.has(fresh); round++) fresh = callId?.(`${legal}_${round}`) ?? `${legal}_${round}`
    known.add(fresh)
    const message = fresh === legal ? ILLEGAL_ID : USED_TWICE
    if (fresh !== id) report({ code: 'tool_id_rewritten', level: 'repaired', path: '#tool-call', message })
    return fresh
  }

  #passIfOpen(event: AnswerEvent & { readonly block: number }): void {
    const isUnderWay = this.#held === undefined && this.progress.hasContent
    if (this.#open.has(event.block)) return isUnderWay ? this.#emit(event) : this.#pass(event)
    this.#init.report({
      code: 'late_delta_dropped',
      level: 'lossy',
      path: `#${event.type}`,
      message: 'an event for a block that is not open was dropped',
    })
  }

  #finish(event: AnswerEvent & { type: 'finish' }): void {
    const { progress } = this
    if (progress.stop !== undefined) return
    for (const block of this.#open) this.#pass({ type: 'close', block })
    this.#open.clear()
    progress.stop = agreeWithCalls(event.reason, progress.toolCalls)
    this.#pass({ ...event, reason: progress.stop })
  }

  #end(): void {
    if (this.progress.stop === undefined) return this.fail(TRUNCATED)
    this.#pass({ type: 'end' })
    this.progress.state = 'finished'
  }
}

const USED_TWICE = 'the upstream gave one id to two calls; the later one got its own'
const ILLEGAL_ID = "the upstream gave a call an id that the client's format does not take"

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
