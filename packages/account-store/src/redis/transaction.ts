import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'

import { StoreError } from '../store-error.ts'
import type { RedisContext } from './context.ts'
import type { RedisKeys } from './redis-keys.ts'
import { toList, toPairs, toText } from './reply.ts'
import { COMMIT } from './scripts/commit.ts'

/** The hashes that transactions read and write. */
export type ConfigHash = {
  readonly [Name in keyof RedisKeys]: RedisKeys[Name] extends string ? Name : never
}[keyof RedisKeys]

/** Which counter must stand still while a transaction thinks. Cooldowns have one of their own: they change while requests fail. */
export type Guard = 'config-guard' | 'cooldown-guard'

/** What a transaction sees and decides. Reads see its own writes; nothing is written before its end. */
export interface Transaction {
  get(hash: ConfigHash, field: string): Promise<string | undefined>
  /** All fields and their values. */
  all(hash: ConfigHash): Promise<ReadonlyMap<string, string>>
  put(hash: ConfigHash, field: string, value: string): void
  remove(hash: ConfigHash, field: string): void
  /** Tells all nodes that their copy of this object is out of date. */
  touch(kind: 'account' | 'relay-key' | 'holder', id: string): void
}

const MAX_TRIES = 100
const LONGEST_PAUSE_MS = 20

/**
 * Reads, decides and writes in one step: what was read has not changed when it is written, or the work is done anew.
 *
 * @param work - has no effect but through the transaction, because it may run several times
 * @throws StoreError what the work throws; `store-busy` when other nodes keep changing the same things
 */
export async function transact<Result>(
  context: RedisContext,
  guard: Guard,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const draft = createDraft()
    const expected = toText((await context.link.send(['HGET', context.keys.meta, guard]))[0])
    if (expected === undefined) throw lostError()
    const result = await work(openTransaction(context, draft))
    const isDone = isEmpty(draft) || (await commit(context, draft, { guard, expected }))
    if (isDone) return result
    await wait(Math.random() * LONGEST_PAUSE_MS)
  }
  throw new StoreError('store-busy', 'other nodes keep changing the same objects; try again')
}

/** Fields to write without looking first. */
export interface BlindWrite {
  /** The object whose state it is; when it is gone, nothing is written. */
  readonly accountId: string
  readonly puts: readonly (readonly [field: string, value: string])[]
  readonly removals: readonly string[]
  /** Added to what was counted in the same period. */
  readonly sum?: { readonly field: string; readonly period: string; readonly amount: number } | undefined
}

/** Writes parts of an account's state; news of an account that is gone are ignored. */
export async function writeAccountState(context: RedisContext, write: BlindWrite): Promise<void> {
  const draft = createDraft()
  draft.requires.push(['accounts', write.accountId])
  for (const [field, value] of write.puts) draft.puts.set(keyOf('accountStates', field), value)
  for (const field of write.removals) draft.puts.set(keyOf('accountStates', field), undefined)
  if (write.sum !== undefined) draft.sums.push(write.sum)
  draft.changed.add(`account:${write.accountId}`)
  await commit(context, draft, { guard: '', expected: '' })
}

type Place = `${ConfigHash}/${string}`

interface Draft {
  readonly requires: (readonly [ConfigHash, string])[]
  /** `undefined` removes the field. */
  readonly puts: Map<Place, string | undefined>
  readonly sums: NonNullable<BlindWrite['sum']>[]
  readonly changed: Set<string>
}

function createDraft(): Draft {
  return { requires: [], puts: new Map(), sums: [], changed: new Set() }
}

function isEmpty({ puts, changed }: Draft): boolean {
  return puts.size === 0 && changed.size === 0
}

function keyOf(hash: ConfigHash, field: string): Place {
  return `${hash}/${field}`
}

function placeOf(place: Place): readonly [ConfigHash, string] {
  const slash = place.indexOf('/')
  // Made by `keyOf`.
  return [place.slice(0, slash) as ConfigHash, place.slice(slash + 1)]
}

function openTransaction({ link, keys }: RedisContext, draft: Draft): Transaction {
  async function get(hash: ConfigHash, field: string): Promise<string | undefined> {
    const place = keyOf(hash, field)
    if (draft.puts.has(place)) return draft.puts.get(place)
    return toText((await link.send(['HGET', keys[hash], field]))[0])
  }

  async function all(hash: ConfigHash): Promise<ReadonlyMap<string, string>> {
    const fields = new Map(toPairs((await link.send(['HGETALL', keys[hash]]))[0]))
    for (const [place, value] of draft.puts) {
      const [written, field] = placeOf(place)
      if (written !== hash) continue
      if (value === undefined) fields.delete(field)
      else fields.set(field, value)
    }
    return fields
  }

  return {
    get,
    all,
    put: (hash, field, value) => void draft.puts.set(keyOf(hash, field), value),
    remove: (hash, field) => void draft.puts.set(keyOf(hash, field), undefined),
    touch: (kind, id) => void draft.changed.add(`${kind}:${id}`),
  }
}

interface CommitGuard {
  readonly guard: Guard | ''
  readonly expected: string
}

/** @returns whether it was written, or had no object to be written to; `false` asks for another try */
async function commit(context: RedisContext, draft: Draft, { guard, expected }: CommitGuard): Promise<boolean> {
  const { keys, link, feed } = context
  const written = [...draft.puts].map(([place, value]) => ({ place: placeOf(place), value }))
  const needed = draft.requires.map(([hash]) => hash)
  const hashes = [...new Set([...needed, ...written.map(({ place }) => place[0]), ...sumHashes(draft)])]
  const indexOf = (hash: ConfigHash): number => hashes.indexOf(hash) + FIRST_HASH
  const plan = {
    instance: context.instanceId,
    guard,
    expected,
    token: randomUUID(),
    requires: draft.requires.map(([hash, field]) => [indexOf(hash), field]),
    puts: written.flatMap(({ place, value }) => (value === undefined ? [] : [[indexOf(place[0]), place[1], value]])),
    removals: written.flatMap(({ place, value }) => (value === undefined ? [[indexOf(place[0]), place[1]]] : [])),
    sums: draft.sums.map(({ field, period, amount }) => [indexOf('accountStates'), field, period, amount]),
    changed: [...draft.changed],
  }
  const answer = await link.run(COMMIT, {
    keys: [keys.meta, keys.history, keys.changes, ...hashes.map((hash) => keys[hash])],
    args: [JSON.stringify(plan)],
  })
  const outcome = toText(toList(answer)[0])
  if (outcome === 'lost') throw lostError()
  if (outcome === 'done') feed.expire()
  return outcome !== 'conflict'
}

function sumHashes({ sums }: Draft): readonly ConfigHash[] {
  return sums.length === 0 ? [] : ['accountStates']
}

/** Index of the first hash among the keys of the script. */
const FIRST_HASH = 4

/** The data set has gone under a running node, for instance by FLUSHALL: nothing is written to what is left. */
function lostError(): StoreError {
  return new StoreError('store-damaged', 'the data set is gone from Redis; restore a backup, or start Relay anew')
}
