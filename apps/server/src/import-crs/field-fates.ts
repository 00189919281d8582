/** What becomes of a field. */
export type Fate = 'carried' | 'changed' | 'dropped'

/** A field of some objects of the origin, and what becomes of it. */
export interface FieldFate {
  /** Kind of object, as the origin names its keys. */
  readonly kind: string
  readonly field: string
  readonly fate: Fate
  /** Where it goes, or why it does not. */
  readonly note: string
  /** How many objects have it. */
  readonly objects: number
}

/** What is known of the fields of one kind. */
export type FateTable = Readonly<Record<string, readonly [fate: Fate, note: string]>>

/** Collects what becomes of every field that is met. */
export interface FateBook {
  meet(kind: string, hash: Readonly<Record<string, string>>, table: FateTable): void
  list(): readonly FieldFate[]
}

const UNKNOWN = ['dropped', 'this field is not known'] as const

export function createFateBook(): FateBook {
  const fates = new Map<string, FieldFate>()

  function meet(kind: string, hash: Readonly<Record<string, string>>, table: FateTable): void {
    for (const [field, text] of Object.entries(hash)) {
      const known = Object.hasOwn(table, field) ? table[field] : undefined
      if (text === '' && known === undefined) continue // an unknown field that says nothing
      const [fate, note] = known ?? UNKNOWN
      const key = `${kind} ${field}`
      fates.set(key, { kind, field, fate, note, objects: (fates.get(key)?.objects ?? 0) + 1 })
    }
  }

  return { meet, list: () => [...fates.values()].toSorted((a, b) => order(a) - order(b) || compare(a, b)) }
}

const ORDER: Readonly<Record<Fate, number>> = { dropped: 0, changed: 1, carried: 2 }

function order({ fate }: FieldFate): number {
  return ORDER[fate]
}

function compare(a: FieldFate, b: FieldFate): number {
  return `${a.kind} ${a.field}`.localeCompare(`${b.kind} ${b.field}`, 'en')
}
