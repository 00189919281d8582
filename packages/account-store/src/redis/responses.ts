import { checkNumber, checkText, checkTexts, refuseField } from '../check-field.ts'
import { StoreError } from '../store-error.ts'
import type { ResponseRoom } from '../store/response-room.ts'
import { MAX_RESPONSE_CHARACTERS } from '../stored-response.ts'
import type { ResponseInput, ResponsePlace, StoredResponse } from '../stored-response.ts'
import type { RedisContext } from './context.ts'
import type { ResponseKeys } from './redis-keys.ts'
import { parseJson, toList, toNumber, toTexts } from './reply.ts'
import {
  FIND_RESPONSE,
  REMOVE_RESPONSE,
  SAVE_RESPONSE,
  SHORTEN_RESPONSES,
  SWEEP_RESPONSES,
} from './scripts/responses.ts'

const NAME = { min: 1, max: 200 }
const MAX_ITEMS = 1000
const ANY_TIME = { min: 1, max: Number.MAX_SAFE_INTEGER }

/** Kept responses in Redis, and what a key that may keep them for less time does to them. */
export interface RedisResponses {
  readonly room: ResponseRoom
  /** Lets the responses of a key end at most so long after they were made. */
  shorten(keyId: string, ttlMs: number): Promise<void>
}

/** What is kept of a response beside its sealed body. */
interface ResponseFacts {
  readonly createdAt: number
  readonly expiresAt: number
  readonly bytes: number
  readonly items: readonly string[]
}

/** Kept responses in Redis, those of each relay key in a room of their own. */
export function createResponses(context: RedisContext): RedisResponses {
  const { link, keys, box, now, scriptClock } = context

  async function saveResponse(input: ResponseInput): Promise<void> {
    const place = checkPlace(input)
    const sealed = box.seal(checkBody(input.body), responseContext(place))
    const maxKeyBytes = checkNumber('maxKeyBytes', input.maxKeyBytes, ANY_TIME)
    const ttlMs = checkNumber('ttlMs', input.ttlMs, ANY_TIME)
    const facts: ResponseFacts = {
      createdAt: now(),
      expiresAt: now() + ttlMs,
      bytes: sealed.length,
      items: [...new Set(checkTexts('itemIds', input.itemIds, MAX_ITEMS))],
    }
    await requireKey(context, place.keyId)
    await link.run(SAVE_RESPONSE, {
      keys: placesOf(keys.responsesOf(place.keyId)),
      args: [place.id, JSON.stringify(facts), sealed, maxKeyBytes, ttlMs],
    })
  }

  async function find(keyId: string, by: 'response' | 'item', id: string): Promise<StoredResponse | undefined> {
    const answer = await link.run(FIND_RESPONSE, {
      keys: placesOf(keys.responsesOf(keyId)),
      args: [scriptClock(), by, id],
    })
    const [foundId, facts, sealed, end] = toTexts(answer)
    if (foundId === undefined || facts === undefined || sealed === undefined) return undefined
    const place = { keyId, id: foundId }
    const body = box.open(sealed, responseContext(place))
    // Sealed with another key: as good as expired, its client sends the conversation again.
    if (body === undefined) return undefined
    return { ...place, body, createdAt: readFacts(facts).createdAt, expiresAt: toNumber(end) }
  }

  async function removeResponse({ keyId, id }: ResponsePlace): Promise<boolean> {
    const answer = await link.run(REMOVE_RESPONSE, {
      keys: placesOf(keys.responsesOf(keyId)),
      args: [scriptClock(), id],
    })
    return toNumber(answer) === 1
  }

  async function shorten(keyId: string, ttlMs: number): Promise<void> {
    await link.run(SHORTEN_RESPONSES, { keys: placesOf(keys.responsesOf(keyId)), args: [ttlMs] })
  }

  return {
    room: {
      saveResponse,
      findResponse: async ({ keyId, id }) => find(keyId, 'response', id),
      findResponseOfItem: async (keyId, itemId) => find(keyId, 'item', itemId),
      removeResponse,
      removeExpiredResponses: async () => sweep(context),
    },
    shorten,
  }
}

/** The key is noted as one that keeps responses before it does, so that the sweep cannot miss any. */
async function requireKey({ link, keys }: RedisContext, keyId: string): Promise<void> {
  const [row] = await link.send(['HEXISTS', keys.relayKeys, keyId])
  if (toNumber(row) !== 1) throw new StoreError('not-found', `there is no relay key ${keyId}`)
  await link.send(['SADD', keys.responseKeepers, keyId])
}

async function sweep({ link, keys, scriptClock }: RedisContext): Promise<number> {
  const [keepers] = await link.send(['SMEMBERS', keys.responseKeepers])
  let removed = 0
  for (const keyId of toTexts(keepers).filter((id) => id !== undefined)) {
    const answer = await link.run(SWEEP_RESPONSES, {
      keys: placesOf(keys.responsesOf(keyId)),
      args: [scriptClock()],
    })
    removed += toNumber(toList(answer)[0])
  }
  return removed
}

function placesOf({ facts, bodies, order, ends, items }: ResponseKeys): readonly string[] {
  return [facts, bodies, order, ends, items]
}

function readFacts(text: string): ResponseFacts {
  // Written by `saveResponse` from this very type.
  return parseJson(text) as ResponseFacts
}

function checkBody(body: string): string {
  if (body.length <= MAX_RESPONSE_CHARACTERS) return body
  refuseField('body', `has ${body.length} characters, allowed are ${MAX_RESPONSE_CHARACTERS}`)
}

function checkPlace({ keyId, id }: ResponsePlace): { readonly keyId: string; readonly id: string } {
  return { keyId: checkText('keyId', keyId, NAME), id: checkText('id', id, NAME) }
}

/** What the body of a response is sealed for. */
export function responseContext({ keyId, id }: ResponsePlace): string {
  return `response:${keyId}:${id}`
}
