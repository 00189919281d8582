import { randomUUID } from 'node:crypto'

import type { HeldLeases } from '../away/held-leases.ts'
import { createHeldLeases } from '../away/held-leases.ts'
import { createPutBack } from '../away/put-back.ts'
import { checkNumber, checkText } from '../check-field.ts'
import { checkCost, checkReserve, checkTtl, nameOf } from '../lease-checks.ts'
import type { LeaseAnswer, LeaseRequest, LeaseSettlement } from '../lease.ts'
import { hasNoRoom } from '../limits/judge-admission.ts'
import type { LeaseRoom } from '../store/lease-room.ts'
import type { AccountQuota } from './account-quota.ts'
import type { AccountSnapshot } from './account-snapshot.ts'
import type { StoreContext } from './context.ts'
import type { LeaseRow, LeaseTable, TakenSlots } from './lease-table.ts'
import { createLeaseTable } from './lease-table.ts'

/** What leases are made of. */
export interface LeaseParts {
  readonly context: StoreContext
  readonly snapshot: AccountSnapshot
  readonly quota: AccountQuota
}

interface Order {
  readonly request: LeaseRequest
  readonly row: LeaseRow
}

/** Leases in the embedded store. While nothing can be written, this process counts its own: the limit then holds for each. */
export function createLeaseRoom({ context, snapshot, quota }: LeaseParts): LeaseRoom {
  const { fast, grace, accountRevision } = context
  const table = createLeaseTable(context)
  const held = createHeldLeases(context.steadyClock)
  const renewTogether = createRenewal({ context, table, held })
  const putBack = createPutBack<LeaseRow>(async (rows) =>
    renewTogether(rows.map(({ id }) => id).filter(held.has), Math.min(...rows.map(({ ttlMs }) => ttlMs))),
  )
  const judge = createJudge({ context, snapshot, quota })
  const stamp = fast.prepare('UPDATE accounts SET revision = :revision WHERE id = :id')

  function take(order: Order): LeaseAnswer {
    const { row } = order
    return fast.transaction((): LeaseAnswer => {
      table.removeDead(row.resource)
      const answer = judge(order, table.taken(row.resource))
      if (answer.type === 'taken') table.put(row)
      return answer
    })
  }

  async function acquireLease(request: LeaseRequest): Promise<LeaseAnswer> {
    const order = toOrder(request)
    const { id: leaseId, resource, ttlMs, reserved } = order.row
    const answer = grace.orAlone(
      () => take(order),
      () => {
        const alone = judge(order, { count: held.count(resource), reserved: held.reserved(resource) })
        if (alone.type === 'taken') putBack.add(leaseId, order.row)
        return alone
      },
    )
    if (answer.type === 'taken') held.add({ leaseId, resource, ttlMs, reserved })
    return answer
  }

  async function renewLeases(leaseIds: readonly string[], ttlMs: number): Promise<readonly string[]> {
    checkTtl(ttlMs)
    const renewed = grace.orAlone(
      () => renewTogether(leaseIds, ttlMs),
      () => leaseIds.filter(held.has),
    )
    for (const leaseId of renewed) {
      const known = held.find(leaseId)
      if (known !== undefined) held.add({ ...known, leaseId, ttlMs })
    }
    return renewed
  }

  async function releaseLease(leaseId: string): Promise<void> {
    putBack.remove(leaseId)
    held.remove(leaseId)
    table.remove(leaseId)
  }

  async function settleLease({ leaseId, accountId, costMicroUsd }: LeaseSettlement): Promise<void> {
    const dailyQuota = snapshot.get(accountId)?.dailyQuota
    const cost = checkCost('costMicroUsd', costMicroUsd)
    putBack.remove(leaseId)
    fast.transaction(() => {
      table.remove(leaseId)
      if (dailyQuota === undefined || cost === 0) return
      quota.add(accountId, dailyQuota, cost)
      stamp.run({ id: accountId, revision: accountRevision.bump('fast') })
    })
    held.remove(leaseId) // until then its reservation counts, here at least
  }

  return {
    acquireLease,
    renewLeases,
    releaseLease,
    settleLease,
    countLeases: async (resource) => table.taken(nameOf(resource)).count,
  }
}

interface RenewalParts {
  readonly context: StoreContext
  readonly table: LeaseTable
  readonly held: HeldLeases
}

/** One that was taken while nothing could be written is there from then on. */
function createRenewal({
  context,
  table,
  held,
}: RenewalParts): (ids: readonly string[], ttlMs: number) => readonly string[] {
  function renewOne(id: string, ttlMs: number): boolean {
    if (table.renew(id, ttlMs)) return true
    const known = held.find(id)
    if (known === undefined) return false
    const { resource, reserved } = known
    table.put({ id, resource, reserved, ttlMs })
    return true
  }

  return (ids, ttlMs) =>
    context.fast.transaction(() => {
      context.self.sign()
      return ids.filter((id) => renewOne(id, ttlMs))
    })
}

/** Makes the look at what keeps a request out, by what is taken already. */
function createJudge({ context, snapshot, quota }: LeaseParts): (order: Order, taken: TakenSlots) => LeaseAnswer {
  return ({ request, row }, { count: inUse, reserved }) => {
    const { max, resource, reserveMicroUsd: reserve } = request
    if (inUse >= max) return { type: 'full', inUse, max }
    const { dailyQuota, state } = (reserve === undefined ? undefined : snapshot.get(resource.id)) ?? {}
    if (dailyQuota === undefined || reserve === undefined) return { type: 'taken', leaseId: row.id }
    const { usedMicroUsd: used } = context.grace.orAlone(
      () => quota.read(resource.id, dailyQuota),
      () => state?.quota ?? UNUSED,
    )
    const isSpent = hasNoRoom({ limit: dailyQuota.limitMicroUsd, used, reserved }, reserve)
    return isSpent ? { type: 'spent' } : { type: 'taken', leaseId: row.id }
  }
}

const UNUSED = { usedMicroUsd: 0 }

function toOrder(request: LeaseRequest): Order {
  checkNumber('max', request.max, { min: 1, max: 1_000_000 })
  checkText('owner', request.owner, { min: 1, max: 200 })
  const row = {
    id: randomUUID(),
    resource: nameOf(request.resource),
    ttlMs: checkTtl(request.ttlMs),
    reserved: checkReserve(request) ?? 0,
  }
  return { request, row }
}
