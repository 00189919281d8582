import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { LossLevel, LossReport, ReportLoss } from '../model/loss.ts'
import { entriesOf } from './loose.ts'

/** The members of a kind of object that a decoder reads. */
export interface ReadMembers {
  /** By name: whether such a value can be read there. */
  readonly canRead: ReadonlyMap<string, (value: JsonValue) => boolean>
  /** How much it matters when another member is lost. */
  readonly level: LossLevel
}

/** Tells of the members of an object that its decoder does not read, or cannot. */
export type TellUnread = (object: JsonObject, read: ReadMembers) => void

/** More is told of no answer. */
const MAX_TOLD = 64

/**
 * For the objects of an answer, which come again and again in a stream: each member is told once, as `#name`. Members
 * that say nothing are left out, such as an empty list.
 */
export function createUnreadTeller(report: ReportLoss): TellUnread {
  /** Made with the first one: most answers have none. */
  let told: Set<string> | undefined

  function isNew(what: string): boolean {
    told ??= new Set()
    const { size } = told
    return size < MAX_TOLD && told.add(what).size > size
  }

  return (object, { canRead, level }) => {
    for (const name of Object.keys(object)) {
      const value = object[name] ?? null
      const isReadable = canRead.get(name)
      const isLost = isReadable === undefined ? !saysNothing(value) : value !== null && !isReadable(value)
      if (!isLost) continue
      const what = isReadable === undefined ? `${level} ${name}` : name // elsewhere it may matter more
      if (isNew(what)) report(isReadable === undefined ? unknownMember(name, level) : wrongType(name))
    }
  }
}

/** @param level - of the loss of any other member */
export function readMembers(
  level: LossLevel,
  canRead: Readonly<Record<string, (value: JsonValue) => boolean>>,
): ReadMembers {
  return { canRead: new Map(Object.entries(canRead)), level }
}

export const ANYTHING = (): boolean => true

export function isText(value: JsonValue): boolean {
  return typeof value === 'string'
}

/** One object, or a list of them. */
export function areObjects(value: JsonValue): boolean {
  return entriesOf(value).every(isJsonObject)
}

/** Whether an `error` beside an answer is one: in words, or an object that says something. */
export function isTrouble(error: JsonValue | undefined): boolean {
  return (typeof error === 'string' || isJsonObject(error)) && !saysNothing(error)
}

/** Whether an `error` beside an answer says that there is none. One that {@link isTrouble} has ended the answer. */
export function isNoTrouble(error: JsonValue): boolean {
  return error === false || saysNothing(error)
}

/** Whether a value is nothing that could be lost. */
export function saysNothing(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '') return true
  return isJsonArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0
}

function unknownMember(name: string, level: LossLevel): LossReport {
  return {
    code: 'unknown_field',
    level,
    path: placeOf(name),
    message: 'a member of the answer is not known and was left out',
  }
}

function wrongType(name: string): LossReport {
  const message = 'where a member of the answer belongs stood something else, which was left out'
  return { code: 'malformed_event', level: 'lossy', path: placeOf(name), message }
}

/** Names come from outside: shown at most 64 characters long. */
function placeOf(name: string): string {
  return `#${name.slice(0, 64)}`
}
