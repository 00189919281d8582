import { isJsonObject, type JsonObject } from '../model/json.ts'
import type { CompiledRules, RuleRunner } from '../rules/compiled-rules.ts'
import { renumber, type StreamMemory } from '../rules/drop-blocks.ts'
import { readEvent } from '../sse/read-event.ts'
import { createEventSplitter } from '../sse/split-events.ts'
import { parseJson, toJsonText } from '../wire/raw-json.ts'
import type { ByteStreamConverter } from './answer-stream.ts'
import { noteOutcome, type RulesAtWork } from './rule-desk.ts'

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
  const splitter = createEventSplitter()
  const utf8 = new TextDecoder()
  const encoder = new TextEncoder()

  function finish(output: string | Uint8Array): string {
    const passed = pass(output)
    const tail = splitter.end()
    return tail.length === 0 ? passed : passed + passEvent(utf8.decode(tail), rules)
  }

  /** Converters write whole events only, so nothing but an open line end stays in the splitter. */
  function pass(output: string | Uint8Array): string {
    if (output.length === 0) return ''
    const bytes = typeof output === 'string' ? encoder.encode(output) : output
    return splitter
      .push(bytes)
      .map((event) => passEvent(utf8.decode(event), rules))
      .join('')
  }

  return Object.create(converter, {
    push: { value: (chunk: Uint8Array) => pass(converter.push(chunk)) },
    open: { value: () => pass(converter.open()) },
    end: { value: () => finish(converter.end()) },
    fail: { value: (failure: Parameters<ByteStreamConverter['fail']>[0]) => pass(converter.fail(failure)) },
  }) as ByteStreamConverter // everything else is read from the converter itself
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
