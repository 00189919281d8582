import assert from 'node:assert/strict'

import type { Admission, AdmissionAnswer, BoundState, ReservedUse, SettledUse } from '../admission.ts'
import type { RelayKey, RelayKeyInput } from '../relay-key.ts'
import type { AccountStore } from '../store/account-store.ts'

/** Nothing is reserved. */
export const NONE: ReservedUse = { tokens: 0, costMicroUsd: 0 }
/** Nothing was used. */
export const NOTHING: SettledUse = { tokens: undefined, costMicroUsd: undefined }

/** Makes a key with these limits. */
export async function keyWith(store: AccountStore, fields: Partial<RelayKeyInput>): Promise<RelayKey> {
  return (await store.createRelayKey({ name: 'team', ...fields })).relayKey
}

/** Asks once. */
export async function admit(store: AccountStore, key: RelayKey, reserve: ReservedUse = NONE): Promise<AdmissionAnswer> {
  return store.admit({ key, process: 'node-1', ttlMs: 60_000, reserve })
}

/** Asks many times at once, over all nodes in turn. */
export async function race(
  count: number,
  stores: readonly AccountStore[],
  { key, reserve }: { readonly key: RelayKey; readonly reserve?: ReservedUse },
): Promise<readonly AdmissionAnswer[]> {
  const turns = Array.from({ length: Math.ceil(count / stores.length) }, () => stores)
    .flat()
    .slice(0, count)
  return Promise.all(turns.map(async (store) => admit(store, key, reserve)))
}

/** Those that were let in. */
export function admissionsOf(answers: readonly AdmissionAnswer[]): readonly Admission[] {
  return answers.flatMap((answer) => (answer.type === 'admitted' ? [answer.admission] : []))
}

/** Whether it was kept out. */
export function isRefused({ type }: AdmissionAnswer): boolean {
  return type === 'refused'
}

/** What kept it out. */
export function metOf(answer: AdmissionAnswer | undefined): BoundState {
  assert.ok(answer?.type === 'refused', 'the request was let in')
  return answer.met
}

/** The length of the window that kept it out. */
export function windowOf(answer: AdmissionAnswer): number | undefined {
  const { bound } = metOf(answer)
  return bound.type === 'window' ? bound.windowMs : undefined
}

/** The state of the concurrency of a key. */
export function concurrency(
  key: RelayKey,
  { limit, used }: { readonly limit: number; readonly used: number },
): BoundState {
  const holder = { kind: 'key', name: key.name } as const
  return { holder, bound: { type: 'concurrency' }, limit, used, reserved: 0, resetsAt: undefined }
}
