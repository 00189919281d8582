import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { LossReport, ReportLoss } from '../model/loss.ts'

/** A text of a foreign object; `''` for anything else. */
export function stringOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

const NO_TEXT: LossReport = {
  code: 'malformed_event',
  level: 'lossy',
  path: '#text',
  message: 'where a text of the answer belongs stood something else, which was left out',
}

/** A text that was said; what else stands in its place is none, and its loss is told. */
export function saidText(value: JsonValue | undefined, report: ReportLoss): string {
  if (typeof value === 'string') return value
  if (value !== undefined && value !== null) report(NO_TEXT)
  return ''
}

/** A text, or nothing. */
export function optionalString(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A position: a non-negative integer, or nothing. */
export function optionalIndex(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** A list, which some servers leave out where it has one entry. */
export function entriesOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined || value === null) return []
  return isJsonArray(value) ? value : [value]
}

/** The objects of a foreign list; empty for anything that is no list. */
export function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return isJsonArray(value) ? value.filter((entry) => isJsonObject(entry)) : []
}
