/** A slot that this process holds. */
export interface HeldLease {
  readonly leaseId: string
  readonly resource: string
  readonly ttlMs: number
  /** Of a daily quota, micro-USD. */
  readonly reserved: number
  /** The store gave no answer: its question may still be on its way. */
  readonly isUnanswered?: boolean
}

type HeldFacts = Pick<HeldLease, 'resource' | 'reserved' | 'isUnanswered'>

/** The slots of this process, by its own steady clock: what it counts by while the store is away, and what it knows better after a failover. */
export interface HeldLeases {
  add(lease: HeldLease): void
  remove(leaseId: string): void
  /** Whether it is held and has not run out. */
  has(leaseId: string): boolean
  /** What is held and has not run out. */
  find(leaseId: string): HeldFacts | undefined
  count(resource: string): number
  /** What all that is held of it reserves of a daily quota, micro-USD. */
  reserved(resource: string): number
}

/**
 * Makes an empty list.
 *
 * @param clock - milliseconds that only ever grow
 */
export function createHeldLeases(clock: () => number): HeldLeases {
  const ends = new Map<string, HeldFacts & { readonly endsAtMs: number }>()
  const byResource = new Map<string, Set<string>>()

  function remove(leaseId: string): void {
    const resource = ends.get(leaseId)?.resource
    if (resource === undefined) return
    ends.delete(leaseId)
    const ids = byResource.get(resource)
    ids?.delete(leaseId)
    if (ids?.size === 0) byResource.delete(resource)
  }

  function add({ leaseId, resource, ttlMs, reserved, isUnanswered = false }: HeldLease): void {
    ends.set(leaseId, { resource, reserved, isUnanswered, endsAtMs: clock() + ttlMs })
    byResource.set(resource, (byResource.get(resource) ?? new Set()).add(leaseId))
  }

  function find(leaseId: string): HeldFacts | undefined {
    const found = ends.get(leaseId)
    if (found === undefined || found.endsAtMs > clock()) return found
    remove(leaseId)
    return undefined
  }

  const has = (leaseId: string): boolean => find(leaseId) !== undefined

  const heldOf = (resource: string): readonly string[] => [...(byResource.get(resource) ?? [])].filter(has)
  return {
    add,
    remove,
    has,
    find,
    count: (resource) => heldOf(resource).length,
    reserved: (resource) => heldOf(resource).reduce((sum, id) => sum + (ends.get(id)?.reserved ?? 0), 0),
  }
}
