import { type AccountMemory, createAccountMemory, type MemoryRooms } from '../choose/account-memory.ts'

/** Vendors keep responses for weeks; who comes back after a day can ask the upstreams again. */
const TTL_MS = 24 * 60 * 60_000

/** Which account's upstream may have kept which response: without it the upstream itself says whether it knows one. */
export function createResponseHolders(rooms: MemoryRooms): AccountMemory {
  return createAccountMemory(rooms, { kind: 'response', ttlMs: TTL_MS })
}
