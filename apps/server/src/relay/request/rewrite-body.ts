import { type TopLevel, spliceTopLevel } from '@relay/format-converter'

/** New JSON texts of top-level members, by name; `undefined` takes a member away. */
export type MemberEdits = ReadonlyMap<string, string | undefined>

/** A body and where its top-level members stand. */
export interface ScannedBody {
  readonly bytes: Uint8Array
  readonly top: TopLevel
  /** Members that Relay reads: none may be read from one place and forwarded from another. */
  readonly read: readonly string[]
}

/**
 * A body with other values for some top-level members. Every other byte stays, unless a member goes or stands twice: then
 * the top level is written anew, and the values that nobody touched keep their bytes.
 */
export function rewriteBody({ bytes, top, read }: ScannedBody, edits: MemberEdits): Uint8Array {
  if (edits.size === 0 && top.duplicates.size === 0) return bytes
  const isDoubled = [...read, ...edits.keys()].some((name) => top.duplicates.has(name))
  const changed = new Map([...edits].filter((edit): edit is [string, string] => edit[1] !== undefined))
  if (isDoubled || changed.size < edits.size) return writeTopLevel({ bytes, top, read }, edits)
  return changed.size === 0 ? bytes : spliceTopLevel(bytes, top, changed)
}

/** Each member once, with the value that a reader of JSON would take: the last one. */
function writeTopLevel({ bytes, top }: ScannedBody, edits: MemberEdits): Uint8Array {
  const parts: Uint8Array[] = []
  for (const name of new Set([...top.members.keys(), ...edits.keys()])) {
    const span = top.members.get(name)
    const kept = span === undefined ? undefined : bytes.subarray(span.start, span.end)
    const edit = edits.get(name)
    const value = edits.has(name) ? (edit === undefined ? undefined : Buffer.from(edit)) : kept
    if (value !== undefined) parts.push(Buffer.from(`${parts.length === 0 ? '{' : ','}${JSON.stringify(name)}:`), value)
  }
  return Buffer.concat([...(parts.length === 0 ? [Buffer.from('{')] : parts), Buffer.from('}')])
}
