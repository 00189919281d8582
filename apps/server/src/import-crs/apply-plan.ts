import type { AccountStore, RelayKey, RelayKeyInput } from '@relay/account-store'

import type { ImportPlan } from './plan-import.ts'
import type { PlannedKey } from './plan-keys.ts'
import { refusalOf } from './refusal.ts'

/** What was written. */
export interface AppliedPlan {
  readonly accounts: number
  readonly keys: number
  /** Sums of a day, a key and a model that were new. */
  readonly usage: number
  /** What was left out, with why: what is there already stays as it is. */
  readonly skipped: readonly { readonly kind: 'account' | 'key'; readonly name: string; readonly why: string }[]
}

type Store = Pick<
  AccountStore,
  'createAccount' | 'listAccounts' | 'importRelayKey' | 'listRelayKeys' | 'addUsageHistory'
>
type Skipped = AppliedPlan['skipped'][number]

const CHUNK = 500

/** Writes a plan into the store. Doing it again changes nothing: accounts and keys are known by their names. */
export async function applyPlan(
  store: Store,
  plan: ImportPlan,
  onProgress?: (done: number) => void,
): Promise<AppliedPlan> {
  const skipped: Skipped[] = []
  const { ids, count: accounts } = await makeAccounts(store, plan, skipped)
  const keys = new Map<string, RelayKey>()
  let made = 0
  for (const [index, planned] of plan.keys.entries()) {
    const key = await makeKey(store, { planned, ids, suffix: plan.suffix, skipped })
    if (key !== undefined) keys.set(planned.originId, key)
    made += key === undefined ? 0 : 1
    onProgress?.(accounts + index + 1)
  }
  await addKnownKeys(store, plan, keys)
  return { accounts, keys: made, usage: await addUsage(store, plan, keys), skipped }
}

async function makeAccounts(
  store: Store,
  plan: ImportPlan,
  skipped: Skipped[],
): Promise<{ ids: ReadonlyMap<string, string>; count: number }> {
  const there = new Map((await store.listAccounts()).map((account) => [account.name, account]))
  const ids = new Map<string, string>()
  let count = 0
  for (const { originKey, input } of plan.accounts) {
    const known = there.get(input.name)
    if (known !== undefined) {
      // The same address is the same account, from an earlier run.
      if (known.baseUrl === input.baseUrl) ids.set(originKey, known.id)
      skipped.push({ kind: 'account', name: input.name, why: 'an account of this name is there already' })
      continue
    }
    const outcome = await attempt(async () => store.createAccount(input))
    if (typeof outcome === 'string') skipped.push({ kind: 'account', name: input.name, why: outcome })
    else ids.set(originKey, outcome.id)
    count += typeof outcome === 'string' ? 0 : 1
  }
  return { ids, count }
}

interface KeyOrder {
  readonly planned: PlannedKey
  /** Accounts as the origin names them → ids. */
  readonly ids: ReadonlyMap<string, string>
  readonly suffix: string | undefined
  readonly skipped: Skipped[]
}

async function makeKey(store: Store, { planned, ids, suffix, skipped }: KeyOrder): Promise<RelayKey | undefined> {
  const { input, hash, createdAt, lastUsedAt, firstUsedAt } = planned
  if (hash === undefined || suffix === undefined) {
    skipped.push({ kind: 'key', name: input.name, why: planned.trouble ?? 'its hash is not known' })
    return undefined
  }
  const foreignHash = { scheme: 'sha256-suffix', suffix, hash } as const
  const key = { ...withIds(input, ids), foreignHash, createdAt, lastUsedAt, firstUsedAt }
  const outcome = await attempt(async () => store.importRelayKey(key))
  if (typeof outcome !== 'string') return outcome
  skipped.push({ kind: 'key', name: input.name, why: outcome })
  return undefined
}

/** Accounts that did not come over are no longer named: what is left may be nothing, and then nothing serves the key. */
function withIds(input: RelayKeyInput, ids: ReadonlyMap<string, string>): RelayKeyInput {
  const { accounts, ...permissions } = input.permissions ?? {}
  if (accounts === undefined) return input
  const known = accounts.flatMap((originKey) => ids.get(originKey) ?? [])
  return { ...input, permissions: { ...permissions, accounts: known } }
}

/** Usage also belongs to keys that an earlier run has made. */
async function addKnownKeys(store: Store, plan: ImportPlan, keys: Map<string, RelayKey>): Promise<void> {
  const byName = new Map((await store.listRelayKeys()).map((key) => [key.name, key]))
  for (const { originId, input } of plan.keys) {
    const known = byName.get(input.name)
    if (!keys.has(originId) && known !== undefined) keys.set(originId, known)
  }
}

async function addUsage(store: Store, plan: ImportPlan, keys: ReadonlyMap<string, RelayKey>): Promise<number> {
  const entries = plan.usage.flatMap(({ originKeyId, part, model, day, sums }) => {
    const key = keys.get(originKeyId)
    if (key === undefined) return []
    const date = new Date(day).toISOString().slice(0, 10)
    const id = `crs:${originKeyId}:${part}:${model ?? ''}:${date}`
    return [{ id, day, keyId: key.id, keyName: key.name, owner: key.owner, team: key.team, model, sums }]
  })
  let added = 0
  for (let start = 0; start < entries.length; start += CHUNK) {
    added += await store.addUsageHistory(entries.slice(start, start + CHUNK))
  }
  return added
}

/** @returns why it was refused */
async function attempt<Result>(work: () => Promise<Result>): Promise<Result | string> {
  try {
    return await work()
  } catch (error) {
    return refusalOf(error)
  }
}
