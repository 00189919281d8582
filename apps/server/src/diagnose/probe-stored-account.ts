import type { Account } from '@relay/account-store'
import { profiles, type ProfileOverrides } from '@relay/format-converter'
import { type AccountProbeReport, chooseUpstreamFormat, type FormatFinding, probeAccount } from '@relay/upstreams'

import { type DiagnoseRooms, openTarget, type StoredTarget } from './stored-target.ts'

/** One setting that the probe would change. */
export interface ProbeChange {
  /** `profile.dialect.includeUsage`, `formatBaseUrls.claude`, `apiFormat`. */
  readonly path: string
  /** What holds now, shipped defaults included; `undefined` = nothing. */
  readonly before: string | boolean | undefined
  readonly after: string | boolean
}

/** What a probe of a stored account found, and what it would change. */
export interface StoredAccountProbe {
  readonly report: AccountProbeReport
  /** Nothing of it is applied yet. */
  readonly changes: readonly ProbeChange[]
}

/**
 * Probes a stored account; changes nothing.
 *
 * @throws ServerError `invalid_request`; UpstreamError where the account's settings cannot work at all
 */
export async function probeStoredAccount(rooms: DiagnoseRooms, target: StoredTarget): Promise<StoredAccountProbe> {
  const opened = await openTarget(rooms, target)
  const report = await probeAccount(opened)
  return { report, changes: [...profileChanges(target.account, report), ...formatChanges(target.account, report)] }
}

function profileChanges(account: Account, { model, findings }: AccountProbeReport): readonly ProbeChange[] {
  const choice = chooseUpstreamFormat(account, 'openai-chat')
  const overrides = account.profile as ProfileOverrides // checked when the account was saved
  const now = profiles.resolve(choice.format, model, { id: choice.profileId, ...overrides })
  return [
    ...differences('profile.dialect', { ...now.dialect }, findings.dialect),
    ...differences('profile.model', { ...now.model }, findings.model),
  ]
}

function differences(
  prefix: string,
  now: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, string | boolean>>,
): readonly ProbeChange[] {
  return Object.entries(found).flatMap(([name, after]) => {
    const before = now[name]
    const known = typeof before === 'string' || typeof before === 'boolean' ? before : undefined
    return known === after ? [] : [{ path: `${prefix}.${name}`, before: known, after }]
  })
}

/** Where another format was found, its base URL; native first is then worth having. */
function formatChanges(account: Account, { apiFormat, formats }: AccountProbeReport): readonly ProbeChange[] {
  const others = formats.filter((found) => found.outcome === 'passed' && found.apiFormat !== apiFormat)
  const urls = others.flatMap((found) => urlChange(account, found))
  if (others.length === 0 || account.apiFormat === 'auto') return urls
  return [...urls, { path: 'apiFormat', before: account.apiFormat, after: 'auto' }]
}

function urlChange(account: Account, { apiFormat, baseUrl }: FormatFinding): readonly ProbeChange[] {
  const before = account.formatBaseUrls[apiFormat]
  return before === baseUrl ? [] : [{ path: `formatBaseUrls.${apiFormat}`, before, after: baseUrl }]
}
