import { type AccountStore, MAX_RESPONSE_CHARACTERS, type RelayKey } from '@relay/account-store'
import { type JsonObject, parseBody } from '@relay/format-converter'

import type { Log } from '../../observe/log.ts'
import { writeKeptResponse } from './kept-response.ts'
import { itemId, outputItems } from './response-items.ts'

/** Bytes at rest of all responses of one key; its oldest go first. */
const MAX_KEY_BYTES = 512 * 1024 * 1024
const MAX_ITEM_IDS = 1000

/** Keeps one answer of the Responses API once it is complete. */
export interface AnswerKeeper {
  /** Looks at events on their way to the client; only whole ones come. */
  see(output: string | Uint8Array): void
  /** The stream has ended as it should: the response of its last event is kept. */
  keepStreamed(): void
  keepWhole(response: unknown): void
}

export interface AnswerKeeperInit {
  readonly store: AccountStore
  readonly log: Log
  readonly requestId: string
  readonly key: RelayKey
  /** The whole conversation that was answered. */
  readonly input: readonly JsonObject[]
  /** The items that this request brought. */
  readonly ownItems: readonly JsonObject[]
  /** The account, where its upstream keeps responses that it is told to keep. */
  readonly holderId: string | undefined
}

/** What a finished stream holds: its items one by one, and the response at its end. */
const ITEM_DONE = 'response.output_item.done'
const ENDS = ['response.completed', 'response.incomplete'] as const

/** Nothing is parsed but the events that carry an item or the response; a text that merely names them costs no more. */
export function createAnswerKeeper(init: AnswerKeeperInit): AnswerKeeper {
  const items: JsonObject[] = []
  let itemCharacters = 0
  let last: JsonObject | undefined

  function takeEvent(text: string): void {
    const event = parseEvent(text)
    const item = event?.['type'] === ITEM_DONE ? event['item'] : undefined
    if (isObject(item) && itemCharacters <= MAX_RESPONSE_CHARACTERS) {
      itemCharacters += text.length
      items.push(item)
    }
    const response = ENDS.some((type) => event?.['type'] === type) ? event?.['response'] : undefined
    if (isObject(response)) last = response
  }

  return {
    see: (output) => {
      const text = typeof output === 'string' ? output : textWithEvents(output)
      if (text === undefined || !carriesItems(text)) return
      for (const event of text.split(/\r?\n\r?\n/)) if (carriesItems(event)) takeEvent(event)
    },
    keepStreamed: () => {
      if (last === undefined) return
      // Some servers do not repeat the items in the last event.
      keep(init, outputItems(last).length === 0 && items.length > 0 ? { ...last, output: items } : last)
    },
    keepWhole: (response) => {
      if (isObject(response) && (response['status'] === 'completed' || response['status'] === 'incomplete'))
        keep(init, response)
    },
  }
}

function carriesItems(text: string): boolean {
  return text.includes(ITEM_DONE) || ENDS.some((type) => text.includes(type))
}

/** Most chunks hold deltas only: they are not even decoded. */
function textWithEvents(output: Uint8Array): string | undefined {
  const bytes = Buffer.from(output.buffer, output.byteOffset, output.byteLength)
  return [ITEM_DONE, ...ENDS].some((name) => bytes.includes(name)) ? bytes.toString('utf8') : undefined
}

function parseEvent(event: string): JsonObject | undefined {
  const data = event
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length))
  try {
    const body = parseBody(data.join('\n'))
    return isObject(body) ? body : undefined
  } catch {
    return undefined // no event of ours: what an upstream sends beside them passes
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Saves without waiting: the client has its answer, and cannot be told any more that it was not kept. */
function keep(init: AnswerKeeperInit, response: JsonObject): void {
  save(init, response).catch((error: unknown) =>
    init.log.warn({ requestId: init.requestId, error }, 'a response could not be kept; nobody can go on from it'),
  )
}

async function save({ store, key, ...init }: AnswerKeeperInit, response: JsonObject): Promise<void> {
  const id = itemId(response)
  if (id === undefined) return
  const holderId = response['store'] === true ? init.holderId : undefined
  const itemIds = [...init.ownItems, ...outputItems(response)].map(itemId).filter((name) => name !== undefined)
  await store.saveResponse({
    keyId: key.id,
    id,
    body: writeKeptResponse({ response, input: init.input, holderId }),
    itemIds: [...new Set(itemIds)].slice(-MAX_ITEM_IDS),
    ttlMs: key.responseTtlMs,
    maxKeyBytes: MAX_KEY_BYTES,
  })
}
