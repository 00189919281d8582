import { StoreError } from '../store-error.ts'

/** Refuses what this backend cannot do yet. */
export async function notSupported(what: string): Promise<never> {
  throw new StoreError('store-unavailable', `${what}: the Redis backend cannot do this yet`)
}
