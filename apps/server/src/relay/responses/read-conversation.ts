import { type AccountStore, type RelayKey, StoreError, type StoredResponse } from '@relay/account-store'
import type { JsonObject } from '@relay/format-converter'

import { ServerError } from '../../server-error.ts'
import type { Envelope } from '../request/envelope.ts'
import { type KeptResponse, readKeptResponse } from './kept-response.ts'
import { inputItems, isReference, itemId, outputItems } from './response-items.ts'

/** Kept responses that are opened for the references of one request. */
const MAX_OPENED = 20

/** A Responses request's conversation, as far as it is known here. */
export interface Conversation {
  /** The earlier response that the request names. */
  readonly previousId: string | undefined
  /** That response, where it is kept here. */
  readonly earlier: KeptResponse | undefined
  /** What the request itself brought, references resolved. */
  readonly ownItems: readonly JsonObject[]
  /** The request builds on something: `ownItems` are not what it came with, or not all of it. */
  readonly isStateful: boolean
  /** Nothing is missing. */
  readonly isWhole: boolean
}

/** All items, the earlier ones first. */
export function allItems({ earlier, ownItems }: Conversation): readonly JsonObject[] {
  return earlier === undefined ? ownItems : [...earlier.input, ...outputItems(earlier.response), ...ownItems]
}

/**
 * Puts a request's conversation together from what is kept for its relay key.
 *
 * @throws ServerError `overloaded` when the store cannot be read; `invalid_request` for a body nested too deeply to be kept
 */
export async function readConversation(store: AccountStore, key: RelayKey, envelope: Envelope): Promise<Conversation> {
  const previousId = textMember(envelope, 'previous_response_id')
  const isKeeping = key.responseTtlMs > 0
  if (!isKeeping) {
    const isStateful = previousId !== undefined || mentionsReference(envelope)
    return { previousId, earlier: undefined, ownItems: [], isStateful, isWhole: !isStateful }
  }
  // What is kept is written again, so it has to be fit for that.
  const items = inputItems(envelope.parsed()['input'])
  const hasReferences = items.some(isReference)
  const isStateful = previousId !== undefined || hasReferences
  try {
    const earlier = previousId === undefined ? undefined : await findEarlier(store, key, previousId)
    const ownItems = hasReferences ? await resolveReferences({ store, key, items, earlier }) : items
    const isWhole = (previousId === undefined || earlier !== undefined) && !ownItems.some(isReference)
    return { previousId, earlier, ownItems, isStateful, isWhole }
  } catch (error) {
    if (!StoreError.is(error)) throw error
    throw new ServerError('overloaded', 'the store cannot be read right now; try again', { retryAfterMs: 1000 })
  }
}

async function findEarlier(store: AccountStore, key: RelayKey, id: string): Promise<KeptResponse | undefined> {
  return open(await store.findResponse({ keyId: key.id, id }))
}

function open(stored: StoredResponse | undefined): KeptResponse | undefined {
  return stored === undefined ? undefined : readKeptResponse(stored.body)
}

interface References {
  readonly store: AccountStore
  readonly key: RelayKey
  readonly items: readonly JsonObject[]
  readonly earlier: KeptResponse | undefined
}

/** From the last to the first: the newest response holds most of the items that came before it, too. */
async function resolveReferences({ store, key, items, earlier }: References): Promise<readonly JsonObject[]> {
  const known = new Map<string, JsonObject>()
  const learn = (kept: KeptResponse | undefined): void => {
    for (const item of kept === undefined ? [] : [...kept.input, ...outputItems(kept.response)]) {
      const id = itemId(item)
      if (id !== undefined) known.set(id, item)
    }
  }
  learn(earlier)
  let opened = 0
  for (const item of items.toReversed()) {
    const id = isReference(item) ? itemId(item) : undefined
    if (id === undefined || known.has(id) || opened === MAX_OPENED) continue
    opened += 1
    learn(open(await store.findResponseOfItem(key.id, id)))
  }
  return items.map((item) => (isReference(item) ? (known.get(itemId(item) ?? '') ?? item) : item))
}

/**
 * Whether the request refers to items; parsed only where the word stands in it at all. In a text its quotes are escaped:
 * in an input that is too large to be looked into, the word itself is taken for a reference.
 */
function mentionsReference({ bytes, member, beginningOf }: Envelope): boolean {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!body.includes('"item_reference"')) return false
  const input = member('input')
  return input === undefined ? beginningOf('input', 1).length > 0 : inputItems(input).some(isReference)
}

function textMember(envelope: Envelope, name: string): string | undefined {
  const value = envelope.member(name)
  return typeof value === 'string' && value !== '' ? value : undefined
}
