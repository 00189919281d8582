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
  /** By the id of the rule; only rules that acted, or were timed. */
  figures(): ReadonlyMap<string, RuleFigures>
}

/** @param clock - monotonic milliseconds with fractions; without one rules are counted but not timed */
export function createRuleMeter(clock: (() => number) | undefined): RuleMeter {
  const applied = new Map<string, number>()
  const times = new Map<string, number>()
  const stopwatch: RuleStopwatch | undefined = clock && {
    clock,
    note: (rule, milliseconds) => void times.set(rule, (times.get(rule) ?? 0) + milliseconds),
  }

  function figuresOf(rule: string): RuleFigures {
    const milliseconds = times.get(rule)
    return {
      applied: applied.get(rule) ?? 0,
      ns: milliseconds === undefined ? undefined : Math.round(milliseconds * 1e6),
    }
  }

  return {
    stopwatch,
    count: (rules) => {
      for (const rule of rules) applied.set(rule, (applied.get(rule) ?? 0) + 1)
    },
    figures: () => new Map([...new Set([...times.keys(), ...applied.keys()])].map((rule) => [rule, figuresOf(rule)])),
  }
}
