import { type RelayKey, StoreError } from '@relay/account-store'
import type { JsonObject } from '@relay/format-converter'

import { authenticate } from '../auth/authenticate.ts'
import { type KeptResponse, readKeptResponse } from '../relay/responses/kept-response.ts'
import { itemId } from '../relay/responses/response-items.ts'
import { ServerError } from '../server-error.ts'
import { askHolder, type HeldQuestion, type HeldRooms } from './held-response.ts'
import { type HttpContext, lookUp, type LookupRooms } from './look-up.ts'

/** Handlers of what is kept of the Responses API, here or by an upstream; each sees only the responses of the key that asks. */
export interface ResponseHandlers {
  /** `GET /v1/responses/{id}` */
  readonly retrieve: (context: HttpContext) => Promise<Response>
  /** `DELETE /v1/responses/{id}` */
  readonly remove: (context: HttpContext) => Promise<Response>
  /** `POST /v1/responses/{id}/cancel` */
  readonly cancel: (context: HttpContext) => Promise<Response>
  /** `GET /v1/responses/{id}/input_items` */
  readonly listInput: (context: HttpContext) => Promise<Response>
}

interface ResponseLookups extends LookupRooms, HeldRooms {}

export function createResponseHandlers(rooms: ResponseLookups): ResponseHandlers {
  const answer = (context: HttpContext, work: (place: Place) => Promise<object>): Promise<Response> =>
    lookUp(context, async () => work(await readPlace(rooms, context)))
  const findHeld = async (context: HttpContext, place: Place, what: Asked): Promise<JsonObject> => {
    const held = await askHolder(rooms, heldQuestion(context, place, what))
    if (held === undefined) throw notFound(place)
    return held
  }
  return {
    retrieve: (context) =>
      answer(context, async (place) => {
        if (context.req.query('stream') === 'true')
          throw new ServerError('invalid_request', 'stream: a kept response is not streamed again', { param: 'stream' })
        const kept = await findKept(rooms, place)
        return kept?.response ?? findHeld(context, place, { method: 'GET', suffix: '' })
      }),
    remove: (context) =>
      answer(context, async (place) => {
        const isRemoved = await reading(rooms.store.removeResponse({ keyId: place.key.id, id: place.id }))
        const deleted = { id: place.id, object: 'response', deleted: true }
        const answered = isRemoved ? deleted : await findHeld(context, place, { method: 'DELETE', suffix: '' })
        rooms.responses.holders.forget(place.id)
        return answered
      }),
    cancel: (context) =>
      answer(context, async (place) => {
        if ((await findKept(rooms, place)) !== undefined)
          throw new ServerError('invalid_request', 'this response is complete: there is nothing to cancel')
        return findHeld(context, place, { method: 'POST', suffix: '/cancel' })
      }),
    listInput: (context) =>
      answer(context, async (place) => {
        const kept = await findKept(rooms, place)
        if (kept === undefined) return findHeld(context, place, { method: 'GET', suffix: '/input_items' })
        return inputPage(place.id, kept, context.req.query())
      }),
  }
}

interface Place {
  readonly key: RelayKey
  readonly id: string
}

async function readPlace(rooms: LookupRooms, context: HttpContext): Promise<Place> {
  return { key: await authenticate(rooms, context.env.incoming), id: context.req.param('id') ?? '' }
}

type Asked = Pick<HeldQuestion, 'method' | 'suffix'>

function heldQuestion({ req, env }: HttpContext, { key, id }: Place, what: Asked): HeldQuestion {
  const query = new URL(req.url).search
  return { ...what, keyId: key.id, id, query, clientHeaders: env.incoming.headers, signal: req.raw.signal }
}

async function findKept(rooms: LookupRooms, place: Place): Promise<KeptResponse | undefined> {
  const stored = await reading(rooms.store.findResponse({ keyId: place.key.id, id: place.id }))
  return stored && readKeptResponse(stored.body)
}

async function reading<Value>(answer: Promise<Value>): Promise<Value> {
  try {
    return await answer
  } catch (error) {
    if (!StoreError.is(error)) throw error
    throw new ServerError('overloaded', 'the store cannot be read right now; try again', { retryAfterMs: 1000 })
  }
}

/** As OpenAI words it; the kind `not_found` would speak of a model. */
function notFound({ key, id }: Place): ServerError {
  const why = key.responseTtlMs > 0 ? 'or its time is over' : 'and responses are not kept for this relay key'
  return new ServerError('invalid_request', `response ${JSON.stringify(id.slice(0, 100))} is not known here, ${why}`, {
    status: 404,
  })
}

const PAGE_ITEMS = 20
const MAX_PAGE_ITEMS = 100

/** One page of the conversation before a response, the latest item first unless asked otherwise. */
function inputPage(id: string, { input }: KeptResponse, query: Readonly<Record<string, string>>): object {
  const items = input.map((item, index) => withId(item, `item_${id.replace(/^resp_/, '')}_${index}`))
  const ordered = query['order'] === 'asc' ? items : items.toReversed()
  const after = query['after']
  const begin = after === undefined ? 0 : ordered.findIndex((item) => item['id'] === after) + 1
  if (after !== undefined && begin === 0)
    throw new ServerError('invalid_request', 'after: names no item of this response', { param: 'after' })
  const data = ordered.slice(begin, begin + readLimit(query['limit']))
  return {
    object: 'list',
    data,
    has_more: begin + data.length < ordered.length,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
  }
}

/** Clients page by ids, so that an item without one gets one here. */
function withId(item: JsonObject, id: string): JsonObject {
  return itemId(item) === undefined ? { ...item, id } : item
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return PAGE_ITEMS
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= MAX_PAGE_ITEMS) return limit
  throw new ServerError('invalid_request', `limit: must be a whole number from 1 to ${MAX_PAGE_ITEMS}`, {
    param: 'limit',
  })
}
