import { ConversionError, createConverter, profiles, type JsonObject, type ProfileOverrides } from '../../src/index.ts'
import { others, type Format } from '../support/pairs.ts'
import { sdkMembers, type SdkMember } from '../support/sdk-members.ts'
import { judgeField, type Outcome, type Trial } from './outcome.ts'

/** A field of a request and what becomes of it on the way to each other format. */
export interface RequestRow {
  readonly field: string
  readonly to: { readonly [Target in Format]?: Outcome }
}

/** The vendor's own service and a model without limits: what single models refuse comes on top, and is told likewise. */
const TARGETS: { readonly [Name in Format]: ProfileOverrides } = {
  'anthropic-messages': {
    id: 'anthropic',
    model: { sampling: 'allowed', structuredOutput: true, efforts: 'any', thinkingTypes: 'any', midSystem: true },
  },
  'openai-chat': { id: 'openai', model: { sampling: 'allowed', efforts: 'any' } },
  'openai-responses': { id: 'openai', model: { sampling: 'allowed', efforts: 'any' } },
}

/** Kinds of things and roles show in what becomes of the things. */
const KINDS: ReadonlySet<string> = new Set(['type', 'role'])

/** Every field that the SDK of a format has a type for, in every other format. */
export function measureRequests(client: Format): readonly RequestRow[] {
  const members = onceEach(sdkMembers(client)).filter(({ name }) => !KINDS.has(name.slice(name.lastIndexOf('.') + 1)))
  const rows = members.map((member): RequestRow => {
    const outcomes = others(client).map((upstream) => [upstream, measure(client, upstream, member)] as const)
    return { field: member.name, to: Object.fromEntries(outcomes) }
  })
  return withoutRepeats(rows).toSorted((left, right) => (left.field < right.field ? -1 : 1))
}

/** What stands in something that is lost or refused as a whole needs no line of its own. */
function withoutRepeats(rows: readonly RequestRow[]): readonly RequestRow[] {
  const fates = new Map(rows.map(({ field, to }) => [field, JSON.stringify(to)]))
  const bare = rows.filter(({ field, to }) => {
    const isGone = Object.values(to).every(({ outcome }) => outcome === 'lost' || outcome === 'refused')
    return !isGone || !containersOf(field).some((container) => fates.get(container) === JSON.stringify(to))
  })
  const kinds = Map.groupBy(bare, ({ field }) => field.slice(0, field.lastIndexOf(']') + 1))
  return [...kinds].flatMap(([kind, members]) =>
    kind !== '' && areGoneAlike(members) ? [{ ...members[0], field: kind } as RequestRow] : members,
  )
}

/** `a.b[c].d` stands in `a.b` and `a`. */
function containersOf(field: string): readonly string[] {
  const ends = [...field.matchAll(/[.[]/g)].map(({ index }) => index)
  return ends.map((end) => field.slice(0, end))
}

function areGoneAlike(members: readonly RequestRow[]): boolean {
  const fates = new Set(members.map(({ to }) => JSON.stringify(to)))
  const isGone = members.every(({ to }) =>
    Object.values(to).every(({ outcome }) => outcome === 'lost' || outcome === 'refused'),
  )
  return members.length > 1 && fates.size === 1 && isGone
}

/** A type that stands in many places is measured in the first one that users write. */
function onceEach(members: readonly SdkMember[]): readonly SdkMember[] {
  const chosen = new Map<string, SdkMember>()
  for (const member of members) {
    const known = chosen.get(member.owner)
    if (known === undefined || rankOf(member) < rankOf(known)) chosen.set(member.owner, member)
  }
  return [...chosen.values()]
}

function rankOf({ name, path }: SdkMember): number {
  return path.split('/').length * 2 - (name.includes('[user]') || name.includes('[message]') ? 1 : 0)
}

function measure(client: Format, upstream: Format, { path, value, given, without }: SdkMember): Outcome {
  const send = (body: JsonObject): Trial => {
    const profile = profiles.resolve(upstream, 'm', TARGETS[upstream])
    try {
      const { request, losses } = createConverter({ client, upstream, profile }).exchange(body)
      return { text: JSON.stringify(request), losses }
    } catch (error) {
      if (ConversionError.is(error)) return { refusal: error.kind, message: error.message }
      throw error
    }
  }
  return judgeField({ path, value }, send(given), send(without))
}
