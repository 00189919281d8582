import { keyStatusSchema } from '@relay/server/admin-contract'
import type { KeyStatus, KeyView } from '@relay/server/admin-contract'

/** What of the list is shown; fields that are there must all hold. */
export interface KeyFilters {
  /** In the name, the owner, the team or a tag. */
  readonly q: string | undefined
  /** Left out, revoked ones are not shown. */
  readonly status: KeyStatus | undefined
}

/** Reads the filters of an address; what is no filter is none. */
export function readKeyFilters(query: Pick<URLSearchParams, 'get'>): KeyFilters {
  return { q: query.get('q') || undefined, status: keyStatusSchema.safeParse(query.get('status')).data }
}

/** The keys that fit. */
export function filterKeys(keys: readonly KeyView[], { q, status }: KeyFilters): readonly KeyView[] {
  const sought = q?.toLowerCase()
  return keys.filter(
    (key) =>
      (sought === undefined || textOf(key).includes(sought)) &&
      (status === undefined ? key.status !== 'revoked' : key.status === status),
  )
}

function textOf({ name, owner, team = '', tags, note }: KeyView): string {
  return [name, owner, team, note, ...tags].join('\n').toLowerCase()
}
