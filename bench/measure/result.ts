/** How a figure is judged: lower is better. */
export interface Goal {
  /** Number of the goal in the project's list (see the README of this folder). */
  readonly number: number
  readonly goal: number
  /** Where the best would stop. */
  readonly reach: number
  /** What `goal` and `reach` are compared with. */
  readonly of: 'ratio' | 'subject'
}

/** One line of the report. */
export interface Result {
  /** What was measured, e.g. `converting stream, many events a packet`. */
  readonly what: string
  readonly unit: string
  readonly subject: { readonly name: string; readonly value: number }
  readonly baseline: { readonly name: string; readonly value: number }
  readonly ratio: number
  /** Lowest and highest ratio of a round. */
  readonly spread: readonly [low: number, high: number]
  readonly goal?: Goal | undefined
  /** Further figures, by name with unit. */
  readonly details?: Readonly<Record<string, number>> | undefined
}

/** The figures of a measurement that was made once for the relay and once for the plain hop. */
export function compared(values: {
  readonly subject: number
  readonly baseline: number
}): Pick<Result, 'subject' | 'baseline' | 'ratio' | 'spread'> {
  const ratio = values.subject / values.baseline
  return {
    subject: { name: 'relay', value: values.subject },
    baseline: { name: 'raw-node', value: values.baseline },
    ratio,
    spread: [ratio, ratio],
  }
}

/** A contender without a function for what is measured. */
export interface Missing {
  readonly what: string
  readonly unit: string
  /** Its name. */
  readonly missing: string
}

export type Row = Result | Missing

export type Verdict = 'reached' | 'holds' | 'MISSED' | '–'

/** Whether the goal holds, and whether even its reach does. */
export function judge({ goal, ratio, subject }: Result): Verdict {
  if (goal === undefined) return '–'
  const value = goal.of === 'ratio' ? ratio : subject.value
  if (value <= goal.reach) return 'reached'
  return value <= goal.goal ? 'holds' : 'MISSED'
}
