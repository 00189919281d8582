/** A hash of the origin: names and texts, whatever they mean. */
export type OriginHash = Readonly<Record<string, string>>

/** What the origin keeps in Redis, by key. */
export interface OriginData {
  readonly hashes: ReadonlyMap<string, OriginHash>
  readonly texts: ReadonlyMap<string, string>
  readonly sets: ReadonlyMap<string, readonly string[]>
}

/** The same while it is being read. */
export interface OriginDraft {
  readonly hashes: Map<string, OriginHash>
  readonly texts: Map<string, string>
  readonly sets: Map<string, readonly string[]>
}

/** Nothing read yet. */
export function emptyOrigin(): OriginDraft {
  return { hashes: new Map(), texts: new Map(), sets: new Map() }
}

/** The hashes whose key begins so; the rest of the key is their id. */
export function hashesOf(data: OriginData, prefix: string): readonly (readonly [id: string, hash: OriginHash])[] {
  return [...data.hashes].flatMap(([key, hash]) =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), hash] as const] : [],
  )
}

/** Reads yes and no as the origin writes them. */
export function readFlag(text: string | undefined, fallback: boolean): boolean {
  if (text === undefined || text === '') return fallback
  return text === 'true' || text === '1'
}

/** A number from 0 up; `undefined` for anything else. */
export function readAmount(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) && value >= 0 ? value : undefined
}

/** A time as milliseconds since the epoch; the origin writes ISO dates. */
export function readDate(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const at = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(text)
  return Number.isSafeInteger(at) && at > 0 ? at : undefined
}

/** JSON inside a text; `undefined` when it is none. */
export function readJson(text: string | undefined): unknown {
  if (text === undefined || text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a text of its own
  }
}
