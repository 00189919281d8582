import type { Failure } from '@relay/format-converter'
import { createEventSplitter, createSseDecoder } from '@relay/format-converter/sse'

import { createRunningChoices } from '../answer/running-choices.ts'
import { memberOf } from '../member-of.ts'
import { statedFailure } from './stated-failure.ts'

/** Largest event (`reliability` 3.5). */
const MAX_EVENT_BYTES = 16 * 1024 * 1024

/** A stream that passes event by event, and what is known of it. */
export interface PassingEvents {
  /** @returns the bytes that may go on: whole events that have been looked at, up to the one that ends the stream */
  push(chunk: Uint8Array): readonly Uint8Array[]
  /** The upstream has closed. @returns what was left; `failure` says whether the end was one */
  end(): readonly Uint8Array[]
  /** An event with data has come. */
  readonly hasBegun: boolean
  /** Its own last event has come: whatever follows is no part of it. */
  readonly isOver: boolean
  /** Nothing that matters may follow: the upstream may close, well or badly. */
  readonly isComplete: boolean
  /** Every choice has its finish, so that nothing will follow but a last word. */
  readonly lacksOnlyEnd: boolean
  /** Events that have come. */
  readonly eventsIn: number
  /** Why it cannot go on. */
  readonly failure: Failure | undefined
}

/** @param note - told what each event says */
export function createPassingEvents(note: (event: unknown) => void): PassingEvents {
  const splitter = createEventSplitter()
  const reader = createSseDecoder({ maxEventBytes: MAX_EVENT_BYTES })
  const choices = createRunningChoices()
  const state: { -readonly [Name in Exclude<keyof PassingEvents, 'push' | 'end'>]: PassingEvents[Name] } = {
    hasBegun: false,
    isOver: false,
    isComplete: false,
    lacksOnlyEnd: false,
    eventsIn: 0,
    failure: undefined,
  }
  let hasPart = false
  let hasLast = false

  function learn(event: unknown): void {
    note(event)
    choices.see(event)
    const kind = kindOf(event)
    hasPart ||= kind === 'part'
    hasLast ||= kind === 'last'
    state.lacksOnlyEnd = choices.areFinished()
    state.isComplete = hasLast || state.lacksOnlyEnd
  }

  /** @returns whether the event may go on */
  function look(bytes: Uint8Array): boolean {
    for (const { data } of reader.push(bytes)) {
      const said = data.trim()
      if (said === '' || said === 'null') return false // clients would read it as JSON, and stop
      const event = said === DONE ? undefined : readEvent(said)
      const failure = failureOf(event)
      if (failure !== undefined) {
        state.failure = failure
        return false
      }
      state.hasBegun = true
      state.eventsIn += 1
      if (event === undefined) state.isOver = true
      else if ('value' in event) learn(event.value)
    }
    return true
  }

  /** @param event - `undefined` = the word that the answer is over */
  function failureOf(event: ReadEvent | undefined): Failure | undefined {
    if (event === undefined) return state.hasBegun ? undefined : NOTHING_SAID
    return 'failure' in event ? event.failure : undefined
  }

  function pass(events: readonly Uint8Array[]): readonly Uint8Array[] {
    const passed: Uint8Array[] = []
    for (const event of events) {
      if (state.isOver || state.failure !== undefined) break
      if (look(event)) passed.push(event)
    }
    return passed
  }

  return Object.assign(state, {
    push: (chunk: Uint8Array) => {
      const passed = pass(splitter.push(chunk))
      if (splitter.pendingBytes() > MAX_EVENT_BYTES) state.failure ??= TOO_LARGE
      return passed
    },
    end: () => {
      const rest = splitter.end()
      const passed = rest.length === 0 ? [] : pass([Buffer.concat([rest, BLANK_LINE])])
      const wasCut = state.failure === NO_JSON // what the end has cut is as if it had not come
      if (wasCut) state.failure = undefined
      if (!state.isOver && !state.isComplete && (wasCut || hasPart || !state.hasBegun)) state.failure ??= CUT
      return passed
    },
  })
}

const DONE = '[DONE]'
const BLANK_LINE = Buffer.from('\n\n')
const TOO_LARGE: Failure = { kind: 'overflow', message: `an event is larger than ${MAX_EVENT_BYTES} bytes` }
const NO_JSON: Failure = { kind: 'upstream_protocol', message: 'the upstream sent an event that is no JSON' }
const NOTHING_SAID: Failure = {
  kind: 'upstream_truncated',
  message: 'the upstream ended its answer before it had begun',
}
const CUT: Failure = {
  kind: 'upstream_truncated',
  message: 'the upstream closed the connection in the middle of its answer',
}

type ReadEvent = { readonly value: unknown } | { readonly failure: Failure }

function readEvent(data: string): ReadEvent {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    return { failure: NO_JSON }
  }
  const failure = statedFailure(value)
  return failure === undefined ? { value } : { failure }
}

/** Part of an answer that is to have an end, or that end. */
type EventKind = 'part' | 'last'

/** Completions are told by their choices, typed pieces end with an event that says so; of other events nothing is known. */
function kindOf(event: unknown): EventKind | undefined {
  const choices = memberOf(event, 'choices')
  if (Array.isArray(choices)) return choices.length === 0 ? undefined : 'part'
  const type = memberOf(event, 'type')
  if (typeof type !== 'string') return undefined
  if (/\.(?:done|completed)$/.test(type)) return 'last'
  return /\.(?:delta|partial_\w+)$/.test(type) ? 'part' : undefined
}
