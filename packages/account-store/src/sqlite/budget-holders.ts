import type { ManagedBy } from '../account.ts'
import type { BudgetHolder, BudgetHolderInput, BudgetHolderPlace, BudgetHolderSettings } from '../budget-holder.ts'
import { toBudgetHolderSettings } from '../budget-holder.ts'
import { mergeSettings } from '../rows/account-rows.ts'
import { toBudgetHolder } from '../rows/budget-holder-rows.ts'
import type { Row } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { BudgetHolderRoom } from '../store/budget-holder-room.ts'
import type { StoreContext } from './context.ts'

/** Owners and teams in the embedded store. */
export interface BudgetHolders {
  readonly room: BudgetHolderRoom
  /** From memory; at most 250 ms behind other processes. */
  find(place: BudgetHolderPlace): BudgetHolder | undefined
  /** Steps for the configuration file, inside a transaction of its caller. */
  findRow(place: BudgetHolderPlace): Row | undefined
  put(settings: BudgetHolderSettings, managedBy: ManagedBy): void
  listManagedByConfig(): readonly Row[]
}

/** Makes the room of owners and teams; their changes count among those of relay keys, whose limits they are. */
export function createBudgetHolders({ durable, now, relayKeyRevision }: StoreContext): BudgetHolders {
  const statements = {
    list: durable.prepare('SELECT * FROM budget_holders ORDER BY kind, name'),
    find: durable.prepare('SELECT * FROM budget_holders WHERE kind = :kind AND name = :name'),
    put: durable.prepare(`
      INSERT INTO budget_holders (kind, name, managed_by, settings, created_at, updated_at)
      VALUES (:kind, :name, :managedBy, :settings, :now, :now)
      ON CONFLICT DO UPDATE SET settings = :settings, managed_by = :managedBy, updated_at = :now`),
    remove: durable.prepare('DELETE FROM budget_holders WHERE kind = :kind AND name = :name'),
    listConfig: durable.prepare(`SELECT * FROM budget_holders WHERE managed_by = 'config'`),
  }
  let byPlace: ReadonlyMap<string, BudgetHolder> = new Map()
  let sorted: readonly BudgetHolder[] = []
  let revision = 0

  function refresh(): void {
    const latest = relayKeyRevision.latest()
    if (latest === revision) return
    sorted = statements.list.all().map(toBudgetHolder)
    byPlace = new Map(sorted.map((holder) => [placeName(holder), holder]))
    revision = latest
  }

  function findRow({ kind, name }: BudgetHolderPlace): Row | undefined {
    return statements.find.get({ kind, name })
  }

  function put(settings: BudgetHolderSettings, managedBy: ManagedBy): void {
    const { kind, name } = settings
    const text = mergeSettings(findRow(settings), settings)
    statements.put.run({ kind, name, managedBy, settings: text, now: now() })
    relayKeyRevision.bump('durable')
  }

  async function setBudgetHolder(input: BudgetHolderInput): Promise<BudgetHolder> {
    return durable.transaction(() => {
      const row = findRow(input)
      const before = row === undefined ? undefined : requireOperator(toBudgetHolder(row))
      put(toBudgetHolderSettings(input, before), 'operator')
      return requireHolder(findRow(input), input)
    })
  }

  async function removeBudgetHolder(place: BudgetHolderPlace): Promise<void> {
    durable.transaction(() => {
      requireOperator(requireHolder(findRow(place), place))
      statements.remove.run({ kind: place.kind, name: place.name })
      relayKeyRevision.bump('durable')
    })
  }

  function find(place: BudgetHolderPlace): BudgetHolder | undefined {
    refresh()
    return byPlace.get(placeName(place))
  }

  const room: BudgetHolderRoom = {
    setBudgetHolder,
    removeBudgetHolder,
    getBudgetHolder: async (place) => find(place),
    listBudgetHolders: async () => {
      refresh()
      return sorted
    },
  }
  return { room, find, findRow, put, listManagedByConfig: () => statements.listConfig.all() }
}

function placeName({ kind, name }: BudgetHolderPlace): string {
  return `${kind}:${name}`
}

function requireHolder(row: Row | undefined, { kind, name }: BudgetHolderPlace): BudgetHolder {
  if (row !== undefined) return toBudgetHolder(row)
  throw new StoreError('not-found', `the ${kind} ${JSON.stringify(name)} has no limits of its own`)
}

function requireOperator(holder: BudgetHolder): BudgetHolder {
  if (holder.managedBy === 'operator') return holder
  const { kind, name } = holder
  throw new StoreError('managed-by-config', `the ${kind} "${name}" comes from the configuration file; change it there`)
}
