import { checkNumber, checkText, refuseField } from './check-field.ts'
import type { LeaseRequest, LeaseResource } from './lease.ts'
import { MAX_LEASE_TTL_MS } from './lease.ts'

const MAX_COST = 1_000_000_000_000_000

/** @throws StoreError `invalid-input` */
export function checkTtl(ttlMs: number): number {
  return checkNumber('ttlMs', ttlMs, { min: 1, max: MAX_LEASE_TTL_MS })
}

/** A cost in millionths of a US dollar.
 * @throws StoreError `invalid-input` */
export function checkCost(field: string, costMicroUsd: number): number {
  return checkNumber(field, costMicroUsd, { min: 0, max: MAX_COST })
}

/** What is to be reserved of an account's quota; `undefined` = nothing is counted.
 * @throws StoreError `invalid-input` */
export function checkReserve({ resource, reserveMicroUsd }: LeaseRequest): number | undefined {
  if (reserveMicroUsd === undefined) return undefined
  if (resource.kind !== 'account') refuseField('reserveMicroUsd', 'is for accounts only')
  return checkCost('reserveMicroUsd', reserveMicroUsd)
}

/** The name of what has slots, among all that do.
 * @throws StoreError `invalid-input` */
export function nameOf({ kind, id }: LeaseResource): string {
  return `${kind}:${checkText('resource.id', id, { min: 1, max: 500 })}`
}
