import { checkNumber, checkText, checkTexts, refuseField } from '../check-field.ts'
import type { Row } from '../rows/row.ts'
import { readNumber, readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { ResponseRoom } from '../store/response-room.ts'
import { MAX_RESPONSE_CHARACTERS } from '../stored-response.ts'
import type { ResponseInput, ResponsePlace, StoredResponse } from '../stored-response.ts'
import type { StoreContext } from './context.ts'

const NAME = { min: 1, max: 200 }
const MAX_ITEMS = 1000
const ANY_TIME = { min: 1, max: Number.MAX_SAFE_INTEGER }

/** Kept responses in the embedded store. Losing the last ones in a power cut costs a client one repetition, so nobody waits for the disk. */
export function createResponseRoom(context: StoreContext): ResponseRoom {
  const { fast, box, now } = context
  const statements = prepareStatements(context)

  async function saveResponse(input: ResponseInput): Promise<void> {
    const place = checkPlace(input)
    const sealed = box.seal(checkBody(input.body), contextOf(place))
    const itemIds = new Set(checkTexts('itemIds', input.itemIds, MAX_ITEMS))
    const maxKeyBytes = checkNumber('maxKeyBytes', input.maxKeyBytes, ANY_TIME)
    const createdAt = now()
    const expiresAt = createdAt + checkNumber('ttlMs', input.ttlMs, ANY_TIME)
    fast.transaction(() => {
      if (statements.findKey.get({ keyId: place.keyId }) === undefined)
        throw new StoreError('not-found', `there is no relay key ${place.keyId}`)
      statements.remove.run({ ...place })
      const row = statements.insert.get({ ...place, sealed, bytes: sealed.length, createdAt, expiresAt }) ?? {}
      const response = readNumber(row, 'number')
      for (const itemId of itemIds) statements.insertItem.run({ keyId: place.keyId, itemId, response })
      statements.trim.run({ keyId: place.keyId, maxKeyBytes })
    })
  }

  function open(row: Row | undefined): StoredResponse | undefined {
    if (row === undefined) return undefined
    const place = { keyId: readText(row, 'key_id'), id: readText(row, 'id') }
    const body = box.open(readText(row, 'body'), contextOf(place))
    // Sealed with another key: as good as expired, its client sends the conversation again.
    if (body === undefined) return undefined
    return { ...place, body, createdAt: readNumber(row, 'created_at'), expiresAt: readNumber(row, 'expires_at') }
  }

  return {
    saveResponse,
    findResponse: async ({ keyId, id }) => open(statements.find.get({ keyId, id, now: now() })),
    findResponseOfItem: async (keyId, itemId) => open(statements.findByItem.get({ keyId, itemId, now: now() })),
    removeResponse: async ({ keyId, id }) =>
      fast.transaction(() => {
        const isThere = statements.find.get({ keyId, id, now: now() }) !== undefined
        statements.remove.run({ keyId, id })
        return isThere
      }),
    removeExpiredResponses: async () => statements.removeExpired.run({ now: now() }),
  }
}

function checkBody(body: string): string {
  if (body.length <= MAX_RESPONSE_CHARACTERS) return body
  refuseField('body', `has ${body.length} characters, allowed are ${MAX_RESPONSE_CHARACTERS}`)
}

function checkPlace({ keyId, id }: ResponsePlace): { readonly keyId: string; readonly id: string } {
  return { keyId: checkText('keyId', keyId, NAME), id: checkText('id', id, NAME) }
}

function contextOf({ keyId, id }: ResponsePlace): string {
  return `response:${keyId}:${id}`
}

function prepareStatements({ fast }: StoreContext) {
  return {
    findKey: fast.prepare('SELECT 1 FROM relay_keys WHERE id = :keyId'),
    insert: fast.prepare(`
      INSERT INTO responses (key_id, id, created_at, expires_at, bytes, body)
      VALUES (:keyId, :id, :createdAt, :expiresAt, :bytes, :sealed) RETURNING number`),
    insertItem: fast.prepare(
      'INSERT INTO response_items (key_id, item_id, response) VALUES (:keyId, :itemId, :response)',
    ),
    find: fast.prepare('SELECT * FROM responses WHERE key_id = :keyId AND id = :id AND expires_at > :now'),
    findByItem: fast.prepare(`
      SELECT responses.* FROM response_items JOIN responses ON responses.number = response_items.response
      WHERE response_items.key_id = :keyId AND response_items.item_id = :itemId AND responses.expires_at > :now
      ORDER BY responses.number DESC LIMIT 1`),
    remove: fast.prepare('DELETE FROM responses WHERE key_id = :keyId AND id = :id'),
    removeExpired: fast.prepare('DELETE FROM responses WHERE expires_at <= :now'),
    trim: fast.prepare(`
      DELETE FROM responses WHERE number IN (
        SELECT number FROM (
          SELECT number, sum(bytes) OVER (ORDER BY number DESC) AS total FROM responses WHERE key_id = :keyId
        ) WHERE total > :maxKeyBytes)`),
  }
}
