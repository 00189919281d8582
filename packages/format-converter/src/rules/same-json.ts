import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.ts'

/**
 * Equal as JSON: the order of members does not matter. Goes only as deep as both values go alike, so a shallow value is
 * compared with a hostile one in no time.
 */
export function isSameJson(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (isJsonArray(left) && isJsonArray(right))
    return left.length === right.length && left.every((element, index) => isSameJson(element, right[index]))
  if (!isJsonObject(left) || !isJsonObject(right)) return left === right
  const names = Object.keys(left)
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isSameJson(left[name], right[name]))
  )
}
