import { hash } from 'node:crypto'

import { checkChoice, checkNumber, checkText } from './check-field.ts'
import { MAX_PLACE_TTL_MS, type PlaceInput, type PlaceKind } from './place.ts'

const KINDS: readonly PlaceKind[] = ['session', 'thread', 'response']
const ID = { min: 1, max: 200 }

/** A place as it is kept. */
export interface CheckedPlace {
  readonly kind: PlaceKind
  /** A digest. */
  readonly name: string
  readonly keyId: string
  readonly accountId: string
  readonly endsAt: number
}

/** Checks a place that is to be remembered from now on. */
export function checkPlace({ kind, name, keyId, accountId, ttlMs }: PlaceInput, now: number): CheckedPlace {
  return {
    ...placeName(kind, name),
    keyId: checkText('keyId', keyId, ID),
    accountId: checkText('accountId', accountId, ID),
    endsAt: now + checkNumber('ttlMs', ttlMs, { min: 1, max: MAX_PLACE_TTL_MS }),
  }
}

/** What a place is found by. Names come from clients: their digest is short, and tells nothing of them. */
export function placeName(kind: PlaceKind, name: string): Pick<CheckedPlace, 'kind' | 'name'> {
  return { kind: checkChoice('kind', kind, KINDS), name: hash('sha256', name) }
}
