import { profiles } from '@relay/format-converter'

import { closestName } from './closest-name.ts'

/** What is wrong with the overrides of a capability profile. */
export interface ProfileTrouble {
  /** Inside the profile: `dialect.topK`. */
  readonly path: readonly string[]
  readonly message: string
}

/** The shipped profiles show which flags there are and of what type each is. */
const SHIPPED = (['anthropic-messages', 'openai-chat'] as const).map((format) => profiles.resolve(format, ''))
/** Flags that a shipped profile may leave open. */
const OPEN_FLAGS: ReadonlyMap<string, string> = new Map([
  ['maxOutputTokens', 'number'],
  ['rejectsTemperatureWithTopP', 'boolean'],
  ['disabledThinkingLimitsEffort', 'boolean'],
])
const MEMBERS = ['id', 'dialect', 'model', 'serverTools', 'passthrough'] as const

/**
 * Checks the overrides of a profile: known names, each with a value of its flag's type.
 *
 * A flag of another type would only show when a request is converted.
 */
export function profileTroubles(profile: Readonly<Record<string, unknown>>): readonly ProfileTrouble[] {
  return Object.entries(profile).flatMap(([name, value]) => {
    switch (name) {
      case 'dialect':
      case 'model':
        return flagTroubles(name, value)
      case 'id':
        return typeof value === 'string' ? [] : [{ path: [name], message: 'must be a text' }]
      case 'serverTools':
        return value === 'drop' || value === 'error' ? [] : [{ path: [name], message: 'must be one of drop, error' }]
      case 'passthrough':
        return isPassthrough(value) ? [] : [{ path: [name], message: 'must be all, none, or a list of names' }]
      default:
        return [unknownName([name], MEMBERS)]
    }
  })
}

function flagTroubles(member: 'dialect' | 'model', flags: unknown): readonly ProfileTrouble[] {
  if (typeof flags !== 'object' || flags === null || Array.isArray(flags)) {
    return [{ path: [member], message: 'must be an object' }]
  }
  const known = knownFlags(member)
  return Object.entries(flags).flatMap(([name, value]) => {
    const kinds = known.get(name)
    if (kinds === undefined) return [unknownName([member, name], [...known.keys()])]
    if (kinds.has(kindOf(value))) return []
    return [{ path: [member, name], message: `must be a ${[...kinds].join(' or a ')}, not a ${kindOf(value)}` }]
  })
}

function knownFlags(member: 'dialect' | 'model'): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>()
  const add = (name: string, kind: string): void => void known.set(name, (known.get(name) ?? new Set()).add(kind))
  for (const shipped of SHIPPED) {
    for (const [name, value] of Object.entries(shipped[member])) add(name, kindOf(value))
  }
  if (member === 'dialect') return known
  for (const [name, kind] of OPEN_FLAGS) add(name, kind)
  // "any" or a list of them, whichever the shipped rows happen to hold.
  for (const name of ['thinkingTypes', 'efforts']) for (const kind of ['string', 'list']) add(name, kind)
  return known
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'list' : typeof value
}

function isPassthrough(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((name) => typeof name === 'string')
  return value === 'all' || value === 'none'
}

function unknownName(path: readonly string[], names: readonly string[]): ProfileTrouble {
  const meant = closestName(path.at(-1) ?? '', names)
  const way = meant === undefined ? `known are ${names.join(', ')}` : `did you mean ${JSON.stringify(meant)}?`
  return { path, message: `is not known; ${way}` }
}
