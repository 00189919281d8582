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
   * model, which never rests, one a second while it keeps failing, and so at one that still rests when it becomes the last.
   *
   * @returns `undefined` when another request is finding out
   */
  enter(candidate: Candidate): HeldLease | Promise<HeldLease | undefined>
  /** An account that may not rest has failed. */
  noteStrike(candidate: Candidate): void
  noteSuccess(candidate: Candidate): void
}

/** What is known of an account that is asked once a second only. */
interface Strikes {
  count: number
  /** The probe of this second. */
  probe: HeldLease | undefined
  /** The end of a rest within which it has answered again. */
  answeredBefore: number | undefined
}

const NOTHING_HELD: HeldLease = { release: () => {} }

export function createProbeDesk(leases: Leases): ProbeDesk {
  const strikes = new Map<string, Strikes>()

  function enter(candidate: Candidate): HeldLease | Promise<HeldLease | undefined> {
    const name = nameOf(candidate)
    if (candidate.awaitsProbe) return leases.take({ kind: 'probe', id: name }, 1)
    return isTrusted(candidate, strikes.get(name)) ? NOTHING_HELD : takeProbe(name)
  }

  async function takeProbe(name: string): Promise<HeldLease | undefined> {
    const probe = await leases.takeFor(PROBE_MS, { kind: 'probe', id: name })
    if (probe === undefined) return undefined
    const entry = strikes.get(name) ?? keep(name, PATIENCE)
    entry.probe = probe
    return NOTHING_HELD // this one runs out by itself, unless the account turns out to be well
  }

  function noteStrike(candidate: Candidate): void {
    const name = nameOf(candidate)
    keep(name, (strikes.get(name)?.count ?? 0) + 1)
  }

  function keep(name: string, count: number): Strikes {
    const entry: Strikes = { count, probe: strikes.get(name)?.probe, answeredBefore: undefined }
    strikes.delete(name)
    strikes.set(name, entry)
    const oldest = strikes.keys().next().value
    if (strikes.size > MAX_COUNTED && oldest !== undefined) strikes.delete(oldest)
    return entry
  }

  function noteSuccess(candidate: Candidate): void {
    const name = nameOf(candidate)
    const entry = strikes.get(name)
    entry?.probe?.release()
    if (entry === undefined || candidate.restsUntil === undefined) return void strikes.delete(name)
    entry.answeredBefore = candidate.restsUntil
    entry.probe = undefined
  }

  return { enter, noteStrike, noteSuccess }
}

/** Whether everybody may try an account that does not await a probe. */
function isTrusted({ restsUntil }: Candidate, known: Strikes | undefined): boolean {
  return restsUntil === undefined ? (known?.count ?? 0) < PATIENCE : known?.answeredBefore === restsUntil
}

function nameOf({ account, upstreamModel }: Candidate): string {
  return `${account.id} ${upstreamModel.slice(0, 200)}`
}
