import type { AccountPreview } from '@relay/server/admin-contract'

/** A flag of a profile, and how it can be overridden. */
export interface ProfileFlag {
  /** e.g. `dialect.topK` */
  readonly path: string
  readonly shipped: unknown
  /** What the account says; `undefined` where it says nothing. */
  readonly override: unknown
}

type Profile = Readonly<Record<string, unknown>>

/** Reads the profile of a draft; `undefined` while it is no JSON object. */
export function readProfile(text: string): Profile | undefined {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** All flags with what holds for them. */
export function listFlags(profile: Profile, flags: AccountPreview['flags']): readonly ProfileFlag[] {
  return flags.map(({ path, value }) => {
    const [group = '', name = ''] = path.split('.')
    return { path, shipped: value, override: groupOf(profile, group)[name] }
  })
}

/** The profile with a flag overridden or, with `undefined`, as shipped again; as the text of the draft. */
export function withFlag(profile: Profile, path: string, value: unknown): string {
  const [group = '', name = ''] = path.split('.')
  const { [name]: _old, ...others } = groupOf(profile, group)
  const flags = value === undefined ? others : { ...others, [name]: value }
  const { [group]: _group, ...rest } = profile
  const next = Object.keys(flags).length === 0 ? rest : { ...rest, [group]: flags }
  return Object.keys(next).length === 0 ? '' : JSON.stringify(next, undefined, 2)
}

function groupOf(profile: Profile, group: string): Profile {
  const value = profile[group]
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
