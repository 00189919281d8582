import type { AccountInput } from '@relay/account-store'
import type { Preset } from '@relay/upstreams'
import { connectionOf, findPreset, presets } from '@relay/upstreams'

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

/** The account a preset describes. */
export function presetAccount(preset: Preset, name: string): Omit<AccountInput, 'credential'> {
  const { profileId, ...connection } = connectionOf(preset)
  return { name, ...connection, profile: { id: profileId } }
}
