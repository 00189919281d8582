import type { Candidate } from '@relay/account-store'

import type { HeldLease, Leases } from './leases.ts'

/** Failures in a row after which an account that may not rest is tried once a second only (reliability 4.4). */
const PATIENCE = 3
const PROBE_MS = 1_000
/** Accounts × models whose failures are counted; clients may ask for any model. */
const MAX_COUNTED = 10_000

/** Lets a few requests find out whether an account serves again, instead of all of them. */
export interface ProbeDesk {
  /**
   * Leave to try an account. After a rest, one request at a time has it over all nodes; at the last usable account of a
   * model, which never rests, one a second while it keeps failing.
   *
   * @returns `undefined` when another request is finding out
   */
  enter(candidate: Candidate): Promise<HeldLease | undefined>
  /** An account that may not rest has failed. */
  noteStrike(candidate: Candidate): void
  noteSuccess(candidate: Candidate): void
}

interface Strikes {
  count: number
  /** The probe of this second. */
  probe: HeldLease | undefined
}

const NOTHING_HELD: HeldLease = { release: () => {} }

export function createProbeDesk(leases: Leases): ProbeDesk {
  const strikes = new Map<string, Strikes>()

  async function enter(candidate: Candidate): Promise<HeldLease | undefined> {
    const name = nameOf(candidate)
    if (candidate.awaitsProbe) return leases.take({ kind: 'probe', id: name }, 1)
    const entry = strikes.get(name)
    if (entry === undefined || entry.count < PATIENCE) return NOTHING_HELD
    const probe = await leases.takeFor(PROBE_MS, { kind: 'probe', id: name })
    if (probe === undefined) return undefined
    entry.probe = probe
    return NOTHING_HELD // this one runs out by itself, unless the account turns out to be well
  }

  function noteStrike(candidate: Candidate): void {
    const name = nameOf(candidate)
    const entry = strikes.get(name) ?? { count: 0, probe: undefined }
    entry.count += 1
    strikes.delete(name)
    strikes.set(name, entry)
    const oldest = strikes.keys().next().value
    if (strikes.size > MAX_COUNTED && oldest !== undefined) strikes.delete(oldest)
  }

  function noteSuccess(candidate: Candidate): void {
    const name = nameOf(candidate)
    strikes.get(name)?.probe?.release()
    strikes.delete(name)
  }

  return { enter, noteStrike, noteSuccess }
}

function nameOf({ account, upstreamModel }: Candidate): string {
  return `${account.id} ${upstreamModel.slice(0, 200)}`
}
