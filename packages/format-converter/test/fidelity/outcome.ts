import type { Loss, LossLevel } from '../../src/index.ts'
import type { JsonValue } from '../../src/model/json.ts'
import { lossesOf } from '../../src/testing/members.ts'

/** What becomes of a field; from best to worst. */
export type Verdict = 'kept' | 'equivalent' | 'degraded' | 'lost' | 'refused'

/** What becomes of a field, and by which code that is told. */
export interface Outcome {
  readonly outcome: Verdict
  /** Code of the loss, or kind of the refusal. */
  readonly code?: string
  /** Level of the loss. `info`: it has no effect on meaning. */
  readonly level?: LossLevel
}

/** A conversion that was tried: what was written, or why not. */
export type Trial =
  | { readonly text: string; readonly losses: readonly Loss[] }
  | { readonly refusal: string; readonly message: string }

/** The field that two conversions are compared for. */
export interface Field {
  /** JSON Pointer into the source. */
  readonly path: string
  readonly value: JsonValue
}

/** Judges a field by the conversion with it and the one without it. */
export function judgeField(field: Field, given: Trial, without: Trial): Outcome {
  if ('refusal' in given) return { outcome: 'refused', code: given.refusal }
  if ('refusal' in without) return { outcome: isFound(field.value, given.text, '') ? 'kept' : 'equivalent' }
  const isDifferent = given.text !== without.text
  const loss = worstOf(ownLosses(field, given.losses, without.losses))
  if (loss !== undefined) return judgeLoss(loss, isDifferent)
  if (isDifferent) return { outcome: isFound(field.value, given.text, without.text) ? 'kept' : 'equivalent' }
  const around = worstOf(lossesOf(field.path, given.losses))
  return around === undefined ? { outcome: 'equivalent' } : judgeLoss(around, false)
}

function judgeLoss(loss: Loss, isDifferent: boolean): Outcome {
  if (loss.level === 'degraded') return told('degraded', loss)
  return told(loss.level !== 'lossy' && isDifferent ? 'equivalent' : 'lost', loss)
}

function told(outcome: Verdict, { code, level }: Loss): Outcome {
  return { outcome, code, level }
}

/** Losses at the field or inside it, and others that only the field brings about. */
function ownLosses({ path }: Field, given: readonly Loss[], without: readonly Loss[]): readonly Loss[] {
  const before = new Set(without.map(({ code, path: place }) => `${code} ${place}`))
  return lossesOf(path, given).filter((loss) => isInside(loss.path, path) || !before.has(`${loss.code} ${loss.path}`))
}

function isInside(place: string, path: string): boolean {
  const pattern = path.replaceAll(/\/\d+/g, '/*')
  const general = place.replaceAll(/\/\d+/g, '/*')
  return general === pattern || general.startsWith(`${pattern}/`)
}

const RANK: { readonly [Level in LossLevel]: number } = { info: 0, repaired: 1, degraded: 2, lossy: 3 }

function worstOf(losses: readonly Loss[]): Loss | undefined {
  return losses.toSorted((left, right) => RANK[right.level] - RANK[left.level])[0]
}

/** The very value stands in the one text more often than in the other. */
export function isFound(value: JsonValue, text: string, other: string): boolean {
  const needle = JSON.stringify(value)
  return occurrences(text, needle) > occurrences(other, needle)
}

function occurrences(text: string, needle: string): number {
  return text.split(needle).length - 1
}
