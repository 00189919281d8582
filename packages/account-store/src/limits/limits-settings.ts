import { checkChoice, checkNumber, checkObject, definedFields, refuseField } from '../check-field.ts'
import { checkTimeZone } from './check-time-zone.ts'
import type { CostBudget, Limits, RateCount, RateLimit } from './limits.ts'
import { NO_BUDGET } from './limits.ts'

const RATE_COUNTS: readonly RateCount[] = ['requests', 'tokens', 'cost']
const MAX_RATE_LIMITS = 20
const WINDOW_MS = { min: 1000, max: 31 * 86_400_000 }
/** Sums of this many stay whole numbers in every backend. */
const MAX_COUNT = 1_000_000_000_000_000

/** What was entered of limits. */
export interface LimitsInput extends Partial<Omit<Limits, 'budget'>> {
  readonly budget?: Partial<CostBudget> | undefined
}

/**
 * Checks limits and fills in what is left out: no limit.
 *
 * @throws StoreError `invalid-input`, naming the field
 */
export function toLimits(input: LimitsInput): Limits {
  return {
    maxConcurrency: checkNumber('maxConcurrency', input.maxConcurrency ?? 0, { min: 0, max: 1_000_000 }),
    rateLimits: toRateLimits(input.rateLimits ?? []),
    budget: toBudget(input.budget ?? {}),
  }
}

function toRateLimits(value: readonly RateLimit[]): readonly RateLimit[] {
  if (!Array.isArray(value)) refuseField('rateLimits', 'must be a list')
  if (value.length > MAX_RATE_LIMITS) {
    refuseField('rateLimits', `has ${value.length} entries, allowed are ${MAX_RATE_LIMITS}`)
  }
  const limits = value.map(toRateLimit)
  const names = limits.map(({ counts, windowMs }) => `${counts} in ${windowMs} ms`)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) refuseField('rateLimits', `limits ${repeated} twice`)
  return limits
}

function toRateLimit(value: unknown, index: number): RateLimit {
  const field = `rateLimits[${index}]`
  const { counts, windowMs, max } = checkObject(field, value)
  return {
    counts: checkChoice(`${field}.counts`, counts, RATE_COUNTS),
    windowMs: checkNumber(`${field}.windowMs`, windowMs, WINDOW_MS),
    max: checkNumber(`${field}.max`, max, { min: 1, max: MAX_COUNT }),
  }
}

function toBudget(value: Partial<CostBudget>): CostBudget {
  const given = definedFields({ ...checkObject('budget', value) })
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(NO_BUDGET, name))
  if (unknown !== undefined) {
    refuseField('budget', `holds a name that is not known; known are ${Object.keys(NO_BUDGET).join(', ')}`)
  }
  const full: Readonly<Record<string, unknown>> = { ...NO_BUDGET, ...given }
  const read = (name: keyof CostBudget): number => checkNumber(`budget.${name}`, full[name], { min: 0, max: MAX_COUNT })
  return {
    timeZone: checkTimeZone('budget.timeZone', full['timeZone']),
    dayMicroUsd: read('dayMicroUsd'),
    weekMicroUsd: read('weekMicroUsd'),
    monthMicroUsd: read('monthMicroUsd'),
    totalMicroUsd: read('totalMicroUsd'),
  }
}
