import type { OpenPart } from './answer-event.ts'
import type { FormatName } from './format-name.ts'
import { isJsonObject } from './json.ts'
import type { LossCode, LossReport } from './loss.ts'

/** A part of an answer that only the format it came from can write. */
export type VendorPart = Extract<OpenPart, { type: 'server-tool' | 'compaction' | 'opaque' }>

/** Kinds come from outside: shown at most this long. */
const MAX_KIND_CHARACTERS = 64

/** A picture that a model drew, in an answer of Chat. */
const IMAGE = 'image'

/** The loss of a part that the client's format has no place for, found under the vendor's own word for it. */
export function lossOfPart(part: VendorPart, client: FormatName): LossReport {
  const kind = kindOf(part)
  const [code, what] = wordsOf(part, kind)
  const level = (part.type === 'server-tool' ? part.lossLevel : undefined) ?? 'lossy'
  return { code, level, path: `#${kind}`, message: `${what} has no place in an answer of ${client}` }
}

function wordsOf(part: VendorPart, kind: string): [LossCode, string] {
  switch (part.type) {
    case 'server-tool':
      return ['server_tool_dropped', `what a tool of the upstream's vendor did (${kind})`]
    case 'compaction':
      return ['state_unsupported', 'a summary of the conversation']
    case 'opaque':
      return kind === IMAGE
        ? ['media_type_unsupported', 'a picture']
        : ['unknown_field', `a block that only ${part.format} knows (${kind})`]
  }
}

function kindOf(part: VendorPart): string {
  if (part.type === 'opaque') return part.kind.slice(0, MAX_KIND_CHARACTERS)
  const kind = part.type === 'server-tool' && isJsonObject(part.raw) ? part.raw['type'] : undefined
  return typeof kind === 'string' ? kind.slice(0, MAX_KIND_CHARACTERS) : part.type
}
