/** What one rule did in one exchange. */
export interface RuleFigures {
  /** How often it changed something, warned or refused. */
  readonly applied: number
  /** Time it took in nanoseconds, its vain runs included; `undefined` without a clock. */
  readonly ns: number | undefined
}

/** Times the runs of single rules. */
export interface RuleStopwatch {
  /** Monotonic milliseconds with fractions. */
  readonly clock: () => number
  note(rule: string, milliseconds: number): void
}

/** Counts what the rules of one exchange do. */
export interface RuleMeter {
  /** `undefined` without a clock. */
  readonly stopwatch: RuleStopwatch | undefined
  /** @param rules - ids of the rules that acted on one body */
  count(rules: readonly string[]): void
  /** By the id of the rule; only rules that acted, or were timed. It grows as they do. */
  readonly figures: ReadonlyMap<string, RuleFigures>
}

const NO_FIGURES: RuleFigures = { applied: 0, ns: undefined }

/** Where there are no rules; nobody counts with it. */
export const IDLE_METER: RuleMeter = { stopwatch: undefined, count: () => undefined, figures: new Map() }

/**
 * @param clock - monotonic milliseconds with fractions; without one rules are counted but not timed
 * @param before - what the rules have done so far in an exchange that goes on
 */
export function createRuleMeter(
  clock: (() => number) | undefined,
  before?: ReadonlyMap<string, RuleFigures>,
): RuleMeter {
  const figures = new Map<string, RuleFigures>(before)
  const of = (rule: string): RuleFigures => figures.get(rule) ?? NO_FIGURES

  function note(rule: string, milliseconds: number): void {
    const { applied, ns = 0 } = of(rule)
    figures.set(rule, { applied, ns: ns + Math.round(milliseconds * 1e6) })
  }

  function count(rules: readonly string[]): void {
    for (const rule of rules) figures.set(rule, { ...of(rule), applied: of(rule).applied + 1 })
  }

  return { stopwatch: clock && { clock, note }, count, figures }
}
