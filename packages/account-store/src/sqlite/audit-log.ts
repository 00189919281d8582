import type { AuditInput, AuditPage, AuditQuery } from '../audit-entry.ts'
import { auditPageLimit, checkAuditInput } from '../audit-entry.ts'
import { refuseField } from '../check-field.ts'
import { toAuditEntry } from '../rows/audit-rows.ts'
import type { AuditRoom } from '../store/audit-room.ts'
import type { Parameters } from './connection.ts'
import type { StoreContext } from './context.ts'

const CURSOR = /^\d{1,16}$/

/** A field that is NULL in a query does not narrow it. Entries have rising numbers, so the number is the cursor. */
const SELECT = `
  SELECT * FROM audit_log
  WHERE (:actor IS NULL OR actor_name = :actor)
    AND (:action IS NULL OR action = :action OR substr(action, 1, length(:action) + 1) = :action || '.')
    AND (:objectKind IS NULL OR object_kind = :objectKind)
    AND (:objectId IS NULL OR object_id = :objectId)
    AND (:from IS NULL OR at >= :from)
    AND (:before IS NULL OR at < :before)
    AND (:cursor IS NULL OR number < :cursor)
  ORDER BY number DESC LIMIT :limit`

/** The log of actions in the embedded store. */
export function createAuditRoom({ durable, now }: StoreContext): AuditRoom {
  const select = durable.prepare(SELECT)
  const removeOld = durable.prepare('DELETE FROM audit_log WHERE at < :before')
  const insert = durable.prepare(`
    INSERT INTO audit_log (at, actor_kind, actor_name, actor_token, action, object_kind, object_id, object_name,
      address, before, after)
    VALUES (:at, :actorKind, :actorName, :actorToken, :action, :objectKind, :objectId, :objectName,
      :address, :before, :after)`)

  async function recordAudit(input: AuditInput): Promise<void> {
    const { actor, action, object, address, before, after } = checkAuditInput(input)
    insert.run({
      at: now(),
      actorKind: actor.kind,
      actorName: actor.name,
      actorToken: actor.token,
      action,
      objectKind: object?.kind,
      objectId: object?.id,
      objectName: object?.name,
      address,
      before: before === undefined ? undefined : JSON.stringify(before),
      after: after === undefined ? undefined : JSON.stringify(after),
    })
  }

  async function listAudit(query: AuditQuery = {}): Promise<AuditPage> {
    const limit = auditPageLimit(query)
    const rows = select.all({ ...toParameters(query), limit: limit + 1 })
    const entries = rows.slice(0, limit).map(toAuditEntry)
    return { entries, nextCursor: rows.length > limit ? entries.at(-1)?.id : undefined }
  }

  return { recordAudit, listAudit, removeOldAudit: async (before) => removeOld.run({ before }) }
}

function toParameters({ actor, action, objectKind, objectId, from, before, cursor }: AuditQuery): Parameters {
  if (cursor !== undefined && !CURSOR.test(cursor))
    refuseField('cursor', 'is not one that a page of the log of actions came with')
  const number = cursor === undefined ? undefined : Number(cursor)
  return { actor, action, objectKind, objectId, from, before, cursor: number }
}
