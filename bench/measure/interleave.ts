import { median } from './statistics.ts'

/** Something that is measured several times: it does a fixed amount of work and says what a unit of it cost. */
export type Sample = () => number | Promise<number>

/** What one contender cost, and how it stands to the baseline that ran between its own runs. */
export interface Comparison {
  readonly subject: number
  readonly baseline: number
  /** Median of the rounds' ratios: what a round's neighbours did to the machine hits both alike. */
  readonly ratio: number
  /** Lowest and highest ratio of a round. */
  readonly spread: readonly [low: number, high: number]
}

/**
 * Measures two contenders in the order A B B A, so that a machine that becomes slower or faster meanwhile favours neither.
 *
 * @param rounds - two samples of each contender a round; one more round before them warms up and is not counted
 */
export async function compare(
  subject: Sample,
  baseline: Sample,
  { rounds }: { readonly rounds: number },
): Promise<Comparison> {
  const counted: Round[] = []
  for (let round = -1; round < rounds; round += 1) {
    const first = await subject()
    const second = await baseline()
    const third = await baseline()
    const fourth = await subject()
    if (round >= 0) counted.push({ subject: [first, fourth], baseline: [second, third] })
  }
  return summary(counted)
}

/** What the samples of a round gave. */
export interface Round {
  readonly subject: readonly number[]
  readonly baseline: readonly number[]
}

export function summary(rounds: readonly Round[]): Comparison {
  const ratios = rounds.map(({ subject, baseline }) => sum(subject) / sum(baseline))
  return {
    subject: median(rounds.flatMap(({ subject }) => subject)),
    baseline: median(rounds.flatMap(({ baseline }) => baseline)),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
