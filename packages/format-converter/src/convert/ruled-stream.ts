import type { Failure } from '../model/failure.ts'
import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { CompiledRules, RuleRunner } from '../rules/compiled-rules.ts'
import { renumber, type StreamMemory } from '../rules/drop-blocks.ts'
import { readEvent } from '../sse/read-event.ts'
import { createEventSplitter } from '../sse/split-events.ts'
import { parseJson, toJsonText } from '../wire/raw-json.ts'
import type { ByteStreamConverter } from './answer-stream.ts'
import { noteOutcome, type RulesAtWork } from './rule-desk.ts'
import { WrappedStream } from './wrapped-stream.ts'

interface EventRulesInit extends RulesAtWork {
  readonly rules: CompiledRules
}

/** The rules for the events of one stream. */
export interface EventRules {
  /**
   * @param name - the SSE name of the event, when it has one
   * @returns the very event when no rule changed it, `undefined` when it is left out
   */
  take(event: JsonObject, name: string | undefined): JsonObject | undefined
}

/** Names of events are the vendors'; more different ones are made up. */
const MAX_EVENT_NAMES = 200

export function createEventRules(atWork: EventRulesInit): EventRules {
  const { rules, context } = atWork
  const memory: StreamMemory = { droppedIndexes: new Set(), droppedEvents: 0 }
  const runners = new Map<string, RuleRunner | undefined>()

  function runnerFor(name: string): RuleRunner | undefined {
    if (runners.has(name)) return runners.get(name)
    const runner = rules.select('event', context, name)
    if (runners.size < MAX_EVENT_NAMES) runners.set(name, runner)
    return runner
  }

  function take(event: JsonObject, name: string | undefined): JsonObject | undefined {
    const runner = runnerFor(name ?? typeOf(event))
    const outcome = runner?.(event, memory)
    if (outcome !== undefined) noteOutcome(atWork, outcome)
    return renumber(outcome?.body ?? event, memory)
  }

  return { take }
}

/** A stream whose events go through rules; events that no rule changes pass as the bytes they are. */
export function withEventRules(converter: ByteStreamConverter, rules: EventRules): ByteStreamConverter {
  return new RuledStream(converter, rules)
}

class RuledStream extends WrappedStream {
  readonly #rules: EventRules
  readonly #splitter = createEventSplitter()
  readonly #utf8 = new TextDecoder()
  readonly #encoder = new TextEncoder()

  constructor(inner: ByteStreamConverter, rules: EventRules) {
    super(inner)
    this.#rules = rules
  }

  override push(chunk: Uint8Array | string): string {
    return this.#pass(super.push(chunk))
  }

  override open(): string {
    return this.#pass(super.open())
  }

  override end(): string {
    const passed = this.#pass(super.end())
    const tail = this.#splitter.end()
    return tail.length === 0 ? passed : passed + this.#passEvent(tail)
  }

  override fail(failure: Failure): string {
    return this.#pass(super.fail(failure))
  }

  /** Converters write whole events only, so nothing but an open line end stays in the splitter. */
  #pass(output: string | Uint8Array): string {
    if (output.length === 0) return ''
    const bytes = typeof output === 'string' ? this.#encoder.encode(output) : output
    const events = this.#splitter.push(bytes)
    return events.map((event) => this.#passEvent(event)).join('')
  }

  #passEvent(event: Uint8Array): string {
    return passEvent(this.#utf8.decode(event), this.#rules)
  }
}

function passEvent(text: string, rules: EventRules): string {
  const { name, data } = readEvent(text)
  const event = data === undefined ? undefined : parseJson(data)
  if (!isJsonObject(event)) return text
  const kept = rules.take(event, name)
  if (kept === event) return text
  if (kept === undefined) return ''
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${toJsonText(kept)}\n\n`
}

/** How an event without an SSE name is called: its type, or what it says it is. */
function typeOf(event: JsonObject): string {
  const name = event['type'] ?? event['object']
  return typeof name === 'string' ? name : ''
}
