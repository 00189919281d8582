import type { Capture, CaptureEntry, CaptureInput, Capturing, CapturingInput } from '../capture.ts'
import { checkCapture, checkCapturing } from '../check-capture.ts'
import type { Row } from '../rows/row.ts'
import { readNumber, readText } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { CaptureRoom } from '../store/capture-room.ts'
import type { StoreContext } from './context.ts'

/** Captures in the embedded store. */
export function createCaptureRoom(context: StoreContext): CaptureRoom {
  const { fast, box, now } = context
  const statements = prepareStatements(context)

  async function startCapturing(input: CapturingInput): Promise<Capturing> {
    const { keyId, durationMs, maxCaptures: remaining, startedBy } = checkCapturing(input)
    const startedAt = now()
    const capturing = { keyId, startedAt, endsAt: startedAt + durationMs, startedBy, remaining }
    fast.transaction(() => {
      if (statements.findKey.get({ keyId }) === undefined)
        throw new StoreError('not-found', `there is no relay key ${keyId}`)
      statements.start.run({ ...capturing })
    })
    return capturing
  }

  async function saveCapture(input: CaptureInput): Promise<boolean> {
    const { requestId, keyId, body, ttlMs } = checkCapture(input)
    const sealed = box.seal(body, contextOf(keyId, requestId))
    const createdAt = now()
    const row = { requestId, keyId, sealed, bytes: sealed.length, createdAt, expiresAt: createdAt + ttlMs }
    return fast.transaction(() => {
      if (statements.take.run({ keyId, now: createdAt }) === 0) return false
      if (statements.insert.run(row) > 0) return true
      statements.giveBack.run({ keyId }) // this request was kept before
      return false
    })
  }

  function open(row: Row | undefined): Capture | undefined {
    if (row === undefined) return undefined
    const entry = toEntry(row)
    const body = box.open(readText(row, 'body'), contextOf(entry.keyId, entry.requestId))
    // Sealed with another key: as good as expired.
    return body === undefined ? undefined : { ...entry, body }
  }

  return {
    startCapturing,
    stopCapturing: async (keyId) => statements.stop.run({ keyId, now: now() }) > 0,
    listCapturing: async () => statements.listCapturing.all({ now: now() }).map(toCapturing),
    saveCapture,
    listCaptures: async (keyId) =>
      (keyId === undefined ? statements.list.all({ now: now() }) : statements.listOfKey.all({ keyId, now: now() })).map(
        toEntry,
      ),
    getCapture: async (requestId) => open(statements.find.get({ requestId, now: now() })),
    removeCapture: async (requestId) => statements.remove.run({ requestId, now: now() }) > 0,
    removeExpiredCaptures: async () => {
      statements.removeEnded.run({ now: now() })
      return statements.removeExpired.run({ now: now() })
    },
  }
}

function contextOf(keyId: string, requestId: string): string {
  return `capture:${keyId}:${requestId}`
}

function toCapturing(row: Row): Capturing {
  return {
    keyId: readText(row, 'key_id'),
    startedAt: readNumber(row, 'started_at'),
    endsAt: readNumber(row, 'ends_at'),
    startedBy: readText(row, 'started_by'),
    remaining: readNumber(row, 'remaining'),
  }
}

function toEntry(row: Row): CaptureEntry {
  return {
    requestId: readText(row, 'request_id'),
    keyId: readText(row, 'key_id'),
    createdAt: readNumber(row, 'created_at'),
    expiresAt: readNumber(row, 'expires_at'),
    bytes: readNumber(row, 'bytes'),
  }
}

const RUNNING = 'remaining > 0 AND ends_at > :now'
const ENTRY = 'request_id, key_id, created_at, expires_at, bytes'
const NEWEST = 'ORDER BY created_at DESC, number DESC LIMIT 500'

function prepareStatements({ fast }: StoreContext) {
  return {
    findKey: fast.prepare('SELECT 1 FROM relay_keys WHERE id = :keyId'),
    start: fast.prepare(`
      INSERT INTO capturing (key_id, started_at, ends_at, started_by, remaining)
      VALUES (:keyId, :startedAt, :endsAt, :startedBy, :remaining)
      ON CONFLICT (key_id) DO UPDATE SET started_at = excluded.started_at, ends_at = excluded.ends_at,
        started_by = excluded.started_by, remaining = excluded.remaining`),
    stop: fast.prepare(`DELETE FROM capturing WHERE key_id = :keyId AND ${RUNNING}`),
    listCapturing: fast.prepare(`SELECT * FROM capturing WHERE ${RUNNING} ORDER BY ends_at, key_id`),
    take: fast.prepare(`UPDATE capturing SET remaining = remaining - 1 WHERE key_id = :keyId AND ${RUNNING}`),
    giveBack: fast.prepare('UPDATE capturing SET remaining = remaining + 1 WHERE key_id = :keyId'),
    removeEnded: fast.prepare(`DELETE FROM capturing WHERE NOT (${RUNNING})`),
    insert: fast.prepare(`
      INSERT INTO captures (request_id, key_id, created_at, expires_at, bytes, body)
      VALUES (:requestId, :keyId, :createdAt, :expiresAt, :bytes, :sealed) ON CONFLICT (request_id) DO NOTHING`),
    list: fast.prepare(`SELECT ${ENTRY} FROM captures WHERE expires_at > :now ${NEWEST}`),
    listOfKey: fast.prepare(`SELECT ${ENTRY} FROM captures WHERE key_id = :keyId AND expires_at > :now ${NEWEST}`),
    find: fast.prepare('SELECT * FROM captures WHERE request_id = :requestId AND expires_at > :now'),
    remove: fast.prepare('DELETE FROM captures WHERE request_id = :requestId AND expires_at > :now'),
    removeExpired: fast.prepare('DELETE FROM captures WHERE expires_at <= :now'),
  }
}
