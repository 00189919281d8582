/** Any JSON value, as `JSON.parse` gives it. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject

/** A JSON object. A member that is `undefined` is not written. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined
}

/** A JSON object under construction; it becomes a {@link JsonObject} when it leaves its builder. */
export interface MutableJsonObject {
  [key: string]: JsonValue | undefined
}

/** True for `{…}`: not for arrays, `null` or scalars. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** True for `[…]`; unlike `Array.isArray` it keeps the type of the elements. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}
