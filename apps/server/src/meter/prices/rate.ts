/**
 * Prices are whole numbers of 10⁻¹⁸ US dollars a token, so that every decimal price is exact: a price of 3 dollars for
 * a million tokens is 3 × 10¹².
 */
export interface Rate {
  /** For a request of any size. */
  readonly base: bigint
  /** Long-context prices by rising threshold: the last one that the input exceeds holds for the whole request. */
  readonly tiers: readonly RateTier[]
}

/** The price of a request with more than so many input tokens. */
export interface RateTier {
  readonly aboveTokens: number
  readonly rate: bigint
}

/** Decimals of a price for a million tokens, of a factor, and of an exchange rate. */
const DECIMALS = 12

/** The factor 1. */
export const ONE: bigint = 10n ** BigInt(DECIMALS)

const DECIMAL_TEXT = /^\d{1,12}(?:\.\d{1,12})?$/

/**
 * Reads a decimal number exactly.
 *
 * @param value - a number, or a text such as `0.075`
 * @returns the number × 10¹²; `undefined` when it is not a decimal number from 0 up with at most 12 places on each side
 */
export function parseDecimal(value: number | string): bigint | undefined {
  const text = typeof value === 'number' ? numberText(value) : value
  if (!DECIMAL_TEXT.test(text)) return undefined
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(DECIMALS, '0'))
}

/** The other way round, for people: without zeros that say nothing. */
export function decimalText(value: bigint): string {
  const digits = value.toString().padStart(DECIMALS + 1, '0')
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '')
  return digits.slice(0, -DECIMALS) + (fraction === '' ? '' : `.${fraction}`)
}

/** The rate that holds for a request with so many input tokens. */
export function rateFor(rate: Rate, inputTokens: number): bigint {
  return rate.tiers.findLast(({ aboveTokens }) => inputTokens > aboveTokens)?.rate ?? rate.base
}

/** Multiplies by a factor of 10¹² = 1. */
export function scale(amount: bigint, factor: bigint): bigint {
  return (amount * factor) / ONE
}

/** A million dollars: no request costs more, and the sum of many such still is a whole number. */
const MAX_MICRO_USD = 1_000_000_000_000n

/** Rounds 10⁻¹⁸ dollars to whole micro-dollars, half up; `undefined` beyond a million dollars. */
export function toMicroUsd(amount: bigint): number | undefined {
  const rounded = (amount + ONE / 2n) / ONE
  return rounded <= MAX_MICRO_USD ? Number(rounded) : undefined
}

/** A number as a plain decimal: 1e-7 has to be written out. */
function numberText(value: number): string {
  return Number.isFinite(value) && value >= 0 && value < 1e12 ? value.toFixed(DECIMALS) : ''
}
