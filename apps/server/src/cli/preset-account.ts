import type { AccountInput } from '@relay/account-store'
import type { Preset } from '@relay/upstreams'
import { accountTypes, findPreset, presets } from '@relay/upstreams'

import { closestName } from '../config/closest-name.ts'
import { usageError } from './usage-error.ts'

/** Finds a preset by its id; the error lists them. */
export function requirePreset(id: string, what = 'preset'): Preset {
  const preset = findPreset(id)
  if (preset !== undefined) return preset
  const ids = presets.map((candidate) => candidate.id)
  const meant = closestName(id, ids)
  throw usageError(
    `there is no ${what} ${JSON.stringify(id.slice(0, 60))}; ${meant === undefined ? '' : `did you mean ${meant}? `}known presets are ${ids.join(', ')}`,
  )
}

/** The account a preset describes: native first, every format under its own address. */
export function presetAccount(preset: Preset, name: string): Omit<AccountInput, 'credential'> & { baseUrl: string } {
  const { endpoints, accountType: type } = preset
  const formatBaseUrls = Object.fromEntries(
    Object.entries(endpoints).map(([format, endpoint]) => [format, endpoint.baseUrl]),
  )
  const preferred = endpoints[accountTypes[type].defaultApiFormat] ?? endpoints['openai-chat'] ?? endpoints.claude
  const profileId = endpoints['openai-chat']?.profileId ?? preferred?.profileId
  return {
    name,
    type,
    baseUrl: preferred?.baseUrl ?? '',
    formatBaseUrls,
    apiFormat: 'auto',
    ...(profileId === undefined ? {} : { profile: { id: profileId } }),
  }
}
