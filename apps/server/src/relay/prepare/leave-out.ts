import type { FormatName, JsonObject, JsonValue, Loss } from '@relay/format-converter'
import { replacementOf } from '@relay/upstreams'

/** A body without some of its members. */
export interface Trimmed {
  readonly body: JsonObject
  /** Paths that were there, such as `reasoning.effort`. */
  readonly leftOut: readonly string[]
}

/** Takes members out of a body, wherever they are there; the output limit of Chat goes by its other name in place of that. */
export function leaveOut(body: JsonObject, parameters: readonly string[], format: FormatName): Trimmed {
  let trimmed = body
  const leftOut: string[] = []
  for (const parameter of parameters) {
    const path = parameter.split('.')
    const value = valueAt(trimmed, path)
    if (value === undefined) continue
    trimmed = withoutPath(trimmed, path)
    const replacement = format === 'openai-chat' ? replacementOf(parameter) : undefined
    if (replacement === undefined) leftOut.push(parameter)
    else trimmed = { ...trimmed, [replacement]: trimmed[replacement] ?? value }
  }
  return { body: trimmed, leftOut }
}

/** A body that passes as it came, of which single members are read. */
export interface PassingBody {
  readonly member: (name: string) => unknown
  readonly format: FormatName
}

/** What a body that passes loses. */
export interface TrimmedPassing extends Pick<Trimmed, 'leftOut'> {
  /** The members that change, with their new values. */
  readonly changed: ReadonlyMap<string, JsonValue | undefined>
}

const AS_IT_CAME: TrimmedPassing = { changed: new Map(), leftOut: [] }

/** The same as {@link leaveOut} for a body that passes as it came. */
export function leaveOutOfPassing({ member, format }: PassingBody, parameters: readonly string[]): TrimmedPassing {
  if (parameters.length === 0) return AS_IT_CAME // nearly always
  const names = new Set(parameters.map((parameter) => parameter.split('.')[0] ?? parameter))
  const present = [...names].map((name) => [name, member(name)] as const)
  const before = Object.fromEntries(present.filter(([, value]) => value !== undefined)) as JsonObject // out of JSON.parse
  const { body, leftOut } = leaveOut(before, parameters, format)
  const touched = new Set([...Object.keys(before), ...Object.keys(body)])
  const changed = [...touched].filter((name) => body[name] !== before[name])
  return { changed: new Map(changed.map((name) => [name, body[name]])), leftOut }
}

/** What was left out, as losses of the request. */
export function lossesOf(leftOut: readonly string[], formats: Pick<Loss, 'from' | 'to'>): readonly Loss[] {
  return leftOut.map((parameter) => ({
    ...formats,
    code: 'param_unsupported',
    level: 'degraded',
    stage: 'request',
    path: `/${parameter.replaceAll('.', '/')}`,
    message: `left out: the upstream refused the parameter ${JSON.stringify(parameter.slice(0, 100))} for this model`,
  }))
}

/** The value at a path of members of a body. */
export function valueAt(body: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = body
  for (const name of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    value = Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined // neither null nor a list, see above
  }
  return value
}

function withoutPath(body: JsonObject, [name = '', ...deeper]: readonly string[]): JsonObject {
  const { [name]: child, ...others } = body
  if (deeper.length === 0) return others
  const isObject = typeof child === 'object' && child !== null && !Array.isArray(child)
  if (!isObject) return body
  const smaller = withoutPath(child as JsonObject, deeper) // an object, see above
  return Object.keys(smaller).length === 0 ? others : { ...body, [name]: smaller }
}
