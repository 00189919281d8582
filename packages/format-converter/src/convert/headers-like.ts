/** Headers as a fetch gives them, or as a plain object; names in any case. */
export type HeadersLike = Iterable<readonly [name: string, value: string]> | Readonly<Record<string, string>>

/** Headers as a plain object with lower-case names. */
export function toHeaderRecord(headers: HeadersLike): Readonly<Record<string, string>> {
  const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers)
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]))
}
