import type { FormatName } from '@relay/format-converter'

/** JSON that came over a socket; looked at freely. */
export type Loose = ReturnType<typeof JSON.parse>

/** The formats in which the scripted model can be asked. */
export type SpokenFormat = Exclude<FormatName, 'gemini'>

/** A tool the model may call. */
export interface OfferedTool {
  readonly name: string
  /** The group it was offered in, where the format has groups. */
  readonly namespace: string | undefined
  /** `function` takes an object, `freeform` any text. */
  readonly kind: 'function' | 'freeform'
  /** The members of its input by name; empty for free text. */
  readonly properties: Readonly<Record<string, { readonly type?: unknown; readonly enum?: readonly unknown[] }>>
  readonly required: readonly string[]
}

/** A call of a tool, as the model makes it. */
export interface ToolCall {
  readonly id: string
  readonly tool: OfferedTool
  /** An object for a function, text for a freeform tool. */
  readonly input: Readonly<Record<string, unknown>> | string
}

/** A request to the model, whatever its format. */
export interface Asked {
  readonly model: string
  readonly isStream: boolean
  readonly tools: readonly OfferedTool[]
  /** The upstream's own web search is on offer. */
  readonly hasHostedSearch: boolean
  /** The client wants to be told what the search found. */
  readonly wantsSources: boolean
  /** What the tools answered, by the id of the call. */
  readonly results: ReadonlyMap<string, string>
  /** The pictures in the history, base64, in order. */
  readonly pictures: readonly string[]
  /** The ids of the calls in the history, in order. */
  readonly callIds: readonly string[]
  /** The proofs of earlier reasoning that came back. */
  readonly proofs: readonly string[]
  /** The client wants to see reasoning, or to be given its proof. */
  readonly wantsReasoning: boolean
  /** The JSON schema the answer has to follow. */
  readonly schema: Loose
  /** Everything people said in it, joined by line ends. */
  readonly userText: string
}

/** Reads a function's input schema. */
export function readSchema(schema: Loose): Pick<OfferedTool, 'properties' | 'required'> {
  return { properties: schema?.properties ?? {}, required: schema?.required ?? [] }
}

/** All text of a content that is a string, or a list of parts. */
export function textOf(content: Loose): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part: Loose) => part.text ?? '').join('\n')
}

/** The base64 of a `data:` URL. */
export function dataOf(url: Loose): string {
  const start = typeof url === 'string' ? url.indexOf(';base64,') : -1
  return start === -1 ? '' : url.slice(start + ';base64,'.length)
}

/** Trouble with a request: the upstream answers 400 with this message. */
export class Refusal extends Error {}

/** Refuses a request unless something holds. */
export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Refusal(otherwise)
}

/** Refuses members that a vendor would not know. */
export function demandKnown(value: Loose, known: string, where: string): void {
  const names = new Set(known.split(' '))
  for (const name of Object.keys(value)) demand(names.has(name), `${where}.${name}: Extra inputs are not permitted`)
}
