import { MAX_LEASE_TTL_MS } from '../lease.ts'
import type { Counter, JudgedSubject, SubjectUse } from '../limits/judge-admission.ts'
import { WINDOW_PERIOD } from '../limits/judge-admission.ts'
import type { SubjectPlan } from '../limits/plan-admission.ts'
import type { Row } from '../rows/row.ts'
import { readNumber, readText } from '../rows/row.ts'
import type { StoreContext } from './context.ts'

/** Looks at what is used up of a plan. */
export interface UseReader {
  judge(plan: SubjectPlan): JudgedSubject
  /** What was counted; nothing is written. */
  counters(plan: SubjectPlan): SubjectUse['counterOf']
}

export function createUseReader(context: StoreContext): UseReader {
  const { now } = context
  const statements = prepareStatements(context)

  function judge(plan: SubjectPlan): JudgedSubject {
    const { subject } = plan
    const slots = plan.isHeld ? statements.sumSlots.get({ subject, now: now(), maxTtlMs: MAX_LEASE_TTL_MS }) : undefined
    const counters = readCounters(plan)
    const use = {
      inUse: slots === undefined ? 0 : readNumber(slots, 'in_use'),
      reserved: {
        tokens: slots === undefined ? 0 : readNumber(slots, 'tokens'),
        costMicroUsd: slots === undefined ? 0 : readNumber(slots, 'micro_usd'),
      },
      counterOf: (bound: string, period: string) => counters.get(counterName(bound, period)),
    }
    return { plan, use }
  }

  function readCounters({ subject, windows, budgets }: SubjectPlan): ReadonlyMap<string, Counter> {
    if (windows.length + budgets.length === 0) return NO_COUNTERS
    const rows = statements.counters.all({ subject })
    // Written down at once: a window that begins anew with every look would never end.
    if (rows.some((row) => isFromFuture(row, now())))
      statements.beginNow.run({ subject, period: WINDOW_PERIOD, now: now() })
    return new Map(rows.map(toCounter))
  }

  function counters({ subject }: SubjectPlan): SubjectUse['counterOf'] {
    const known = new Map(statements.counters.all({ subject }).map(toCounter))
    return (bound, period) => known.get(counterName(bound, period))
  }

  return { judge, counters }
}

const NO_COUNTERS: ReadonlyMap<string, Counter> = new Map()

/** A window that was begun before the clock was set back. */
function isFromFuture(row: Row, nowMs: number): boolean {
  return readText(row, 'period') === WINDOW_PERIOD && readNumber(row, 'started_at') > nowMs
}

function toCounter(row: Row): [string, Counter] {
  const name = counterName(readText(row, 'bound'), readText(row, 'period'))
  return [name, { startedAt: readNumber(row, 'started_at'), used: readNumber(row, 'used') }]
}

function counterName(bound: string, period: string): string {
  return `${bound} ${period}`
}

function prepareStatements({ fast }: StoreContext) {
  return {
    // A slot that runs out later than any slot may was taken before the clock was set back.
    sumSlots: fast.prepare(`
      SELECT count(*) AS in_use, coalesce(sum(reserved_tokens), 0) AS tokens,
        coalesce(sum(reserved_micro_usd), 0) AS micro_usd
      FROM admission_slots
      WHERE subject = :subject AND expires_at > :now AND expires_at <= :now + :maxTtlMs`),
    counters: fast.prepare('SELECT bound, period, started_at, used FROM limit_counters WHERE subject = :subject'),
    beginNow: fast.prepare(`
      UPDATE limit_counters SET started_at = :now
      WHERE subject = :subject AND period = :period AND started_at > :now`),
  }
}
