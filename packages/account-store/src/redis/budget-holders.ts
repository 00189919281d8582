import type { ManagedBy } from '../account.ts'
import type { Grace } from '../away/grace.ts'
import type { BudgetHolder, BudgetHolderInput, BudgetHolderPlace, BudgetHolderSettings } from '../budget-holder.ts'
import { toBudgetHolderSettings } from '../budget-holder.ts'
import type { HolderSteps } from '../declaration/apply-budget-holders.ts'
import { mergeSettings, readManagedBy } from '../rows/account-rows.ts'
import { toBudgetHolder } from '../rows/budget-holder-rows.ts'
import type { Row } from '../rows/row.ts'
import { StoreError } from '../store-error.ts'
import type { BudgetHolderRoom } from '../store/budget-holder-room.ts'
import type { RedisContext } from './context.ts'
import { toPairs, toRow } from './reply.ts'
import type { Transaction } from './transaction.ts'
import { transact } from './transaction.ts'

/** Owners and teams in Redis. */
export interface BudgetHolders {
  readonly room: BudgetHolderRoom
  /** From memory; at most a moment behind other nodes. */
  find(place: BudgetHolderPlace): Promise<BudgetHolder | undefined>
}

/** Makes the room of owners and teams. They are few, and read for every request: each node keeps them all in memory. */
export function createBudgetHolders(context: RedisContext, grace: Grace): BudgetHolders {
  const { feed, link, keys } = context
  let byPlace: ReadonlyMap<string, BudgetHolder> = new Map()
  let sorted: readonly BudgetHolder[] = []
  let loading: Promise<void> | undefined
  feed.onHoldersChanged(() => {
    loading = undefined
  })

  /** Callers that come together share one reading; it holds until something changes. */
  async function refresh(): Promise<void> {
    await feed.catchUp()
    const mine = (loading ??= load())
    try {
      await mine
    } catch (error) {
      if (loading === mine) loading = undefined
      throw error
    }
  }

  async function load(): Promise<void> {
    const [rows] = await link.send(['HGETALL', keys.budgetHolders])
    const holders = toPairs(rows).map(([, text]) => toBudgetHolder(toRow(text)))
    sorted = holders.toSorted((left, right) => (placeName(left) < placeName(right) ? -1 : 1))
    byPlace = new Map(sorted.map((holder) => [placeName(holder), holder]))
  }

  async function find(place: BudgetHolderPlace): Promise<BudgetHolder | undefined> {
    await grace.orMemory(refresh())
    return byPlace.get(placeName(place))
  }

  async function setBudgetHolder(input: BudgetHolderInput): Promise<BudgetHolder> {
    return transact(context, 'config-guard', async (transaction) => {
      const row = await findHolderRow(transaction, input)
      const before = row === undefined ? undefined : requireOperator(toBudgetHolder(row))
      const settings = toBudgetHolderSettings(input, before)
      return toBudgetHolder(
        putHolder(transaction, { settings, managedBy: 'operator', before: row, nowMs: context.now() }),
      )
    })
  }

  async function removeBudgetHolder(place: BudgetHolderPlace): Promise<void> {
    await transact(context, 'config-guard', async (transaction) => {
      const row = await findHolderRow(transaction, place)
      requireOperator(requireHolder(row, place))
      transaction.remove('budgetHolders', placeName(place))
      transaction.touch('holder', placeName(place))
    })
  }

  const room: BudgetHolderRoom = {
    setBudgetHolder,
    removeBudgetHolder,
    getBudgetHolder: find,
    listBudgetHolders: async () => {
      await grace.orMemory(refresh())
      return sorted
    },
  }
  return { room, find }
}

/** Opens all owners and teams for the steps of the configuration file. */
export async function openHolders(context: RedisContext, transaction: Transaction): Promise<HolderSteps> {
  const rows = new Map([...(await transaction.all('budgetHolders'))].map(([place, text]) => [place, toRow(text)]))
  return {
    findRow: (place) => rows.get(placeName(place)),
    listManagedByConfig: () => [...rows.values()].filter((row) => readManagedBy(row) === 'config'),
    put: (settings, managedBy) => {
      const place = placeName(settings)
      const write = { settings, managedBy, before: rows.get(place), nowMs: context.now() }
      rows.set(place, putHolder(transaction, write))
    },
  }
}

/** Reads the row of an owner or a team. */
async function findHolderRow(transaction: Transaction, place: BudgetHolderPlace): Promise<Row | undefined> {
  const text = await transaction.get('budgetHolders', placeName(place))
  return text === undefined ? undefined : toRow(text)
}

/** What is written for an owner or a team. */
interface HolderWrite {
  readonly settings: BudgetHolderSettings
  readonly managedBy: ManagedBy
  /** The row that is there. */
  readonly before: Row | undefined
  readonly nowMs: number
}

/** Writes the row of an owner or a team. */
function putHolder(transaction: Transaction, { settings, managedBy, before, nowMs }: HolderWrite): Row {
  const row = {
    created_at: nowMs,
    ...before,
    managed_by: managedBy,
    settings: mergeSettings(before, settings),
    updated_at: nowMs,
  }
  transaction.put('budgetHolders', placeName(settings), JSON.stringify(row))
  transaction.touch('holder', placeName(settings))
  return row
}

/** The field of an owner or a team. */
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
