/** Steps that people read without counting. */
const STEPS = [1, 2, 2.5, 5, 10]

/**
 * Round values for a value axis, from 0 up to at least the largest value.
 *
 * @param most - the largest value shown; where nothing is above 0, 0 is the only value
 * @param wanted - about how many steps
 * @param isWhole - the values are counts, so no tick is a fraction
 */
export function valueTicks(
  most: number,
  { wanted = 4, isWhole = false }: { wanted?: number; isWhole?: boolean } = {},
): readonly number[] {
  if (!(most > 0 && Number.isFinite(most))) return [0]
  const rough = most / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = STEPS.find((step) => step * power >= rough * 0.999) ?? 10
  const step = isWhole ? Math.max(1, Math.ceil(factor * power)) : factor * power
  const count = Math.max(1, Math.ceil(most / step - 1e-9))
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)))
}

/**
 * Which of many labels to write, so that they do not run into each other: every n-th, from the first.
 *
 * @param count - how many there are
 * @param room - how many fit
 */
export function shownLabels(count: number, room: number): readonly number[] {
  const every = Math.max(1, Math.ceil(count / Math.max(1, room)))
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every)
}
