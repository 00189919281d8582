import type { EmitEvent } from '../model/answer-event.ts'
import { emulatesStop, type AnswerFilter, type ConversionOptions } from '../options.ts'
import { coalesceDeltas } from './coalesce-deltas.ts'
import { emulateStop } from './emulate-stop.ts'
import { unwrapParallelCalls } from './unwrap-parallel-calls.ts'

/** One station on the way of an answer's events. */
export interface EventStation {
  readonly push: EmitEvent
  /** Gives out what waits for more of the same packet. */
  readonly flush: () => void
}

/** What the filters of an answer must know of its request. */
export interface FilterContext {
  readonly options: ConversionOptions
  /** Stop sequences that the client asked for. */
  readonly stop: readonly string[]
  /** Names of the declared tools, as the upstream knows them. */
  readonly tools: ReadonlySet<string>
  readonly newId: () => string
  /** The client gets pieces as the upstream makes them: what follows a stop is not waited for. */
  readonly isLive: boolean
}

const NOTHING_WAITS = (): void => {}

/** The filters that stand between a decoder and the client's names; none where no option asks for one. */
export function filterUpstream(context: FilterContext, emit: EmitEvent): EmitEvent {
  return isOn('parallelWrapper', context.options) ? unwrapParallelCalls(context, emit) : emit
}

/** The filters that see what the client will see. */
export function filterForClient(context: FilterContext, emit: EmitEvent): EventStation {
  const { options, stop, isLive } = context
  const merged = isOn('coalesce', options) ? coalesceDeltas(emit) : { push: emit, flush: NOTHING_WAITS }
  return stop.length > 0 && emulatesStop(options)
    ? { ...merged, push: emulateStop({ stop, endsAtOnce: isLive }, merged.push) }
    : merged
}

function isOn(name: AnswerFilter, { filters }: ConversionOptions): boolean {
  return filters.includes(name)
}
