/** The middle value; the mean of the two middle ones of an even number. `NaN` of nothing. */
export function median(values: readonly number[]): number {
  return (percentile(values, 0.5 - Number.EPSILON) + percentile(values, 0.5 + Number.EPSILON)) / 2
}

/**
 * The smallest value that at least this share of all values does not exceed.
 *
 * @param share - 0 to 1
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  const rank = Math.ceil(share * sorted.length) - 1
  return sorted[Math.min(Math.max(rank, 0), sorted.length - 1)] ?? Number.NaN
}
