import type { AuditActor, AuditEntry } from '../audit-entry.ts'
import { checkChoice } from '../check-field.ts'
import type { Row } from './row.ts'
import { readNumber, readOptionalObject, readOptionalText, readText } from './row.ts'

const ACTORS: readonly AuditActor['kind'][] = ['user', 'token', 'command', 'system']

/** Reads an entry of the log of actions. */
export function toAuditEntry(row: Row): AuditEntry {
  const kind = readOptionalText(row, 'object_kind')
  return {
    id: String(readNumber(row, 'number')),
    at: readNumber(row, 'at'),
    actor: {
      kind: checkChoice('actor_kind', readText(row, 'actor_kind'), ACTORS),
      name: readText(row, 'actor_name'),
      token: readOptionalText(row, 'actor_token'),
    },
    action: readText(row, 'action'),
    object:
      kind === undefined ? undefined : { kind, id: readText(row, 'object_id'), name: readText(row, 'object_name') },
    address: readOptionalText(row, 'address'),
    before: readOptionalObject(row, 'before'),
    after: readOptionalObject(row, 'after'),
  }
}
