import type { AuditEntry, AuditInput, AuditPage, AuditQuery } from '../audit-entry.ts'
import { auditPageLimit, checkAuditInput } from '../audit-entry.ts'
import { refuseField } from '../check-field.ts'
import { toAuditEntry } from '../rows/audit-rows.ts'
import type { AuditRoom } from '../store/audit-room.ts'
import type { RedisContext } from './context.ts'
import { toList, toNumber, toRow, toText, toTexts } from './reply.ts'
import { RECORD_AUDIT, REMOVE_OLD_AUDIT } from './scripts/audit.ts'

const CURSOR = /^\d{1,15}$/
/** Entries that are read, or removed, in one go. */
const CHUNK = 1000

/** The log of actions in Redis. Entries have rising numbers, so the number is the cursor. */
export function createAuditRoom(context: RedisContext): AuditRoom {
  const { link, now } = context
  const { number, entries, times } = context.keys.audit

  async function recordAudit(input: AuditInput): Promise<void> {
    const { actor, action, object, address, before, after } = checkAuditInput(input)
    const row = {
      at: now(),
      actor_kind: actor.kind,
      actor_name: actor.name,
      actor_token: actor.token,
      action,
      object_kind: object?.kind,
      object_id: object?.id,
      object_name: object?.name,
      address,
      before: before === undefined ? undefined : JSON.stringify(before),
      after: after === undefined ? undefined : JSON.stringify(after),
    }
    await link.run(RECORD_AUDIT, { keys: [number, entries, times], args: [JSON.stringify(row), row.at] })
  }

  async function listAudit(query: AuditQuery = {}): Promise<AuditPage> {
    const limit = auditPageLimit(query)
    const found: AuditEntry[] = []
    for await (const entry of readEntries(context, startOf(query))) {
      if (matches(entry, query)) found.push(entry)
      if (found.length > limit) break
    }
    const shown = found.slice(0, limit)
    return { entries: shown, nextCursor: found.length > limit ? shown.at(-1)?.id : undefined }
  }

  async function removeOldAudit(before: number): Promise<number> {
    let removed = 0
    for (;;) {
      const count = toNumber(await link.run(REMOVE_OLD_AUDIT, { keys: [entries, times], args: [before] }))
      removed += count
      if (count < CHUNK) return removed
    }
  }

  return { recordAudit, listAudit, removeOldAudit }
}

function startOf({ cursor }: AuditQuery): number {
  if (cursor === undefined) return Infinity
  if (CURSOR.test(cursor)) return Number(cursor) - 1
  return refuseField('cursor', 'is not one that a page of the log of actions came with')
}

/** Newest first; a number of which nothing is left is passed over. */
async function* readEntries({ link, keys }: RedisContext, start: number): AsyncGenerator<AuditEntry, void, undefined> {
  const { number, entries, times } = keys.audit
  const [newest, oldest] = await link.send(['GET', number], ['ZCARD', times])
  let next = Math.min(start, toNumber(toText(newest) ?? 0))
  let left = toNumber(oldest)
  while (next > 0 && left > 0) {
    const numbers = Array.from({ length: Math.min(CHUNK, next) }, (_, index) => next - index)
    const texts = toTexts(toList((await link.send(['HMGET', entries, ...numbers]))[0]))
    for (const [index, text] of texts.entries()) {
      if (text === undefined) continue
      left -= 1
      yield toAuditEntry({ ...toRow(text), number: next - index })
    }
    next -= numbers.length
  }
}

function matches(entry: AuditEntry, { actor, action, objectKind, objectId, from, before }: AuditQuery): boolean {
  const isAction = action === undefined || entry.action === action || entry.action.startsWith(`${action}.`)
  return [
    isAction,
    actor === undefined || entry.actor.name === actor,
    objectKind === undefined || entry.object?.kind === objectKind,
    objectId === undefined || entry.object?.id === objectId,
    from === undefined || entry.at >= from,
    before === undefined || entry.at < before,
  ].every(Boolean)
}
