import type { UsageRow } from '../rows/usage-rows.ts'
import type { StoreContext } from './context.ts'

/** Notes when keys were used last. */
export interface KeyUses {
  /** Inside the transaction that writes the records. */
  note(records: readonly UsageRow[]): void
  /** The transaction went through. */
  keep(): void
}

/** A key that was used a moment ago is not written again for every request. */
const RESOLUTION_MS = 60_000
/** Keys of which is remembered when they were noted. */
const MAX_REMEMBERED = 10_000

export function createKeyUses({ fast }: StoreContext): KeyUses {
  const touch = fast.prepare(`
    UPDATE relay_keys SET last_used_at = :at WHERE id = :id AND coalesce(last_used_at, 0) < :at`)
  const noted = new Map<string, number>()
  let fresh: ReadonlyMap<string, number> = new Map()

  function note(records: readonly UsageRow[]): void {
    fresh = new Map([...lastUses(records)].filter(([id, at]) => at - (noted.get(id) ?? -Infinity) >= RESOLUTION_MS))
    for (const [id, at] of fresh) touch.run({ id, at })
  }

  function keep(): void {
    if (noted.size + fresh.size > MAX_REMEMBERED) noted.clear()
    for (const [id, at] of fresh) noted.set(id, at)
  }

  return { note, keep }
}

function lastUses(records: readonly UsageRow[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>()
  for (const { key_id: id, started_at: at } of records) {
    if (typeof id === 'string' && typeof at === 'number') uses.set(id, Math.max(at, uses.get(id) ?? 0))
  }
  return uses
}
