import { hash } from 'node:crypto'

import type { Account, Ranking } from '@relay/account-store'
import { readSealIssuer } from '@relay/format-converter'

import type { Envelope } from '../request/envelope.ts'
import { SEALED } from '../request/holds-sealed.ts'
import { type AccountMemory, createAccountMemory, type MemoryRooms } from './account-memory.ts'

/** A conversation that pauses longer than this starts anew; its prompt cache is gone as well. */
const TTL_MS = 60 * 60_000
/** A session that another node had to move is followed after this long. */
const FRESH_MS = 30_000

/** Envelopes that are looked at, the newest first; text of a prompt may look like one. */
const MAX_ENVELOPES = 5
const MAX_ENVELOPE_BYTES = 1024 * 1024

/** Sessions and the accounts that served them last. */
export function createSessionMemory(rooms: MemoryRooms): AccountMemory {
  return createAccountMemory(rooms, { kind: 'session', ttlMs: TTL_MS, freshMs: FRESH_MS })
}

/** Whose account proofs of reasoning are bound to, as they say it themselves; tells nothing about the account. */
export function sealIssuer(account: Account): string {
  const known = issuers.get(account)
  if (known !== undefined) return known
  const issuer = hash('sha256', account.id).slice(0, 16)
  issuers.set(account, issuer)
  return issuer
}

const issuers = new WeakMap<Account, string>()

/**
 * Puts the account first that a conversation is bound to: the one that proved its reasoning, or the one that served its
 * session last. Any other would have to leave the proofs out.
 */
export function preferConversationAccount(
  ranking: Ranking,
  sessions: AccountMemory,
  { envelope, session }: { readonly envelope: Envelope; readonly session: string | undefined },
): Ranking {
  if (ranking.candidates.length < 2) return ranking
  const issuer = findSealIssuer(envelope.bytes)
  const accountId = session === undefined ? undefined : sessions.find(session)?.accountId
  const isBound = (account: Account): boolean =>
    issuer === undefined ? account.id === accountId : sealIssuer(account) === issuer
  const candidates = ranking.candidates.toSorted(
    (left, right) => Number(isBound(right.account)) - Number(isBound(left.account)),
  )
  return { ...ranking, candidates }
}

function findSealIssuer(bytes: Uint8Array): string | undefined {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = body.lastIndexOf(SEALED)
  for (let count = 0; at !== -1 && count < MAX_ENVELOPES; count += 1) {
    const issuer = readSealIssuer(body.toString('latin1', at, endOfText(body, at)))
    if (issuer !== undefined) return issuer
    at = at === 0 ? -1 : body.lastIndexOf(SEALED, at - 1)
  }
  return undefined
}

function endOfText(body: Buffer, start: number): number {
  const quote = body.indexOf('"', start)
  return Math.min(quote === -1 ? body.length : quote, start + MAX_ENVELOPE_BYTES)
}
