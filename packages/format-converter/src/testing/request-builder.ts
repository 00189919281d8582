import { adaptRequest, type AdaptedRequest } from '../adapt/adapt-request.ts'
import type { ProfileOverrides } from '../adapt/profile.ts'
import { profiles } from '../adapt/profiles.ts'
import type { ChatRequest, Parameters, RequestParameters, Role, Turn } from '../model/chat-request.ts'
import type { ContentPart } from '../model/content-part.ts'
import type { FormatName } from '../model/format-name.ts'
import type { LossReport } from '../model/loss.ts'
import { DEFAULT_OPTIONS, type ConversionOptions } from '../options.ts'

/** A part without its path, which the builder fills in. */
type BarePart = ContentPart extends infer Part ? (Part extends ContentPart ? Omit<Part, 'path'> : never) : never

/** A message of a test: a role and a text, or parts. */
export type Said = readonly [role: Role, content: string | readonly BarePart[]]

/** What {@link adapt} is to do with a request. */
export interface AdaptInit {
  readonly to: FormatName
  readonly model?: string
  readonly profile?: ProfileOverrides
  readonly options?: Partial<ConversionOptions>
  readonly issuer?: string
}

/** A request of a few messages; every part gets the path it would have in a real body. */
export function requestOf(from: FormatName, said: readonly Said[], more: Partial<ChatRequest> = {}): ChatRequest {
  const turns = said.map(([role, content], index): Turn => {
    const path = `/messages/${index}`
    const bare = typeof content === 'string' ? [{ type: 'text', text: content } as const] : content
    return { role, path, parts: bare.map((part, at): ContentPart => ({ ...part, path: `${path}/content/${at}` })) }
  })
  return { format: from, model: 'm', stream: false, turns, tools: [], parameters: {}, vendorFields: [], ...more }
}

/** Parameters with a path each. */
export function parametersOf(values: Partial<RequestParameters>): Parameters {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, path: `/${name}` }]))
}

/** Adapts a request and gathers the losses. */
export function adapt(
  request: ChatRequest,
  init: AdaptInit,
): AdaptedRequest & { readonly losses: readonly LossReport[] } {
  const losses: LossReport[] = []
  const adapted = adaptRequest(request, {
    profile: profiles.resolve(init.to, init.model ?? request.model, init.profile),
    options: { ...DEFAULT_OPTIONS, ...init.options },
    issuer: init.issuer,
    report: (loss) => losses.push(loss),
  })
  return { ...adapted, losses }
}

/** Turns as short text, one line each: what a person would compare. */
export function sketch(request: ChatRequest): readonly string[] {
  return request.turns.map((turn) => `${turn.role}: ${turn.parts.map(sketchPart).join(' | ')}`)
}

function sketchPart(part: ContentPart): string {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text
    case 'reasoning':
      return `(${part.text})`
    case 'tool-call':
      return `${part.name}#${part.id}${part.arguments}`
    case 'tool-result':
      return `${part.callId}=>${part.parts.map(sketchPart).join('+')}${part.isError === true ? '!' : ''}`
    case 'image':
    case 'document':
    case 'audio':
    case 'server-tool':
    case 'compaction':
    case 'opaque':
      return `<${part.type}>`
  }
}
