import type {
  AccountOptions,
  AccountTypeName,
  AccountView,
  ApiFormatChoice,
  LossPolicyChoice,
  ResponseFormatChoice,
  UpstreamApi,
} from '@relay/server/admin-contract'

import { mapValues } from './map-values.ts'

/** An account as it stands in the form: numbers and lists as the texts that are being typed. */
export interface AccountDraft {
  name: string
  description: string
  type: AccountTypeName
  baseUrl: string
  formatBaseUrls: Record<UpstreamApi, string>
  credential: string
  apiFormat: ApiFormatChoice
  responseFormat: ResponseFormatChoice
  models: { asked: string; sent: string }[]
  allowedModels: string
  maxOutputTokens: string
  priority: string
  weight: string
  maxConcurrency: string
  groups: string
  tags: string
  isDedicated: boolean
  schedulable: boolean
  enabled: boolean
  quotaDollars: string
  resetTime: string
  timeZone: string
  expiresOn: string
  currency: string
  priceMultiplier: string
  proxyUrl: string
  tlsCa: string
  headers: string
  timeouts: Record<TimeoutName, string>
  cooldownIsOn: boolean
  cooldown: Record<CooldownName, string>
  errorClasses: ErrorRuleDraft[]
  lossPolicy: LossPolicyChoice | ''
  profile: string
  rules: string
}

/** A rule about errors; a condition that is empty is none. */
export interface ErrorRuleDraft {
  status: string
  body: string
  headerName: string
  headerValue: string
  class: string
}

/** The time-outs of an account in the order of a request. */
export const TIMEOUTS = ['connectMs', 'streamHeadersMs', 'wholeHeadersMs', 'firstEventMs', 'idleMs', 'totalMs'] as const
export type TimeoutName = (typeof TIMEOUTS)[number]

/** The lengths of rests. */
export const COOLDOWNS = ['firstMs', 'longestMs', 'rateLimitedMs'] as const
export type CooldownName = (typeof COOLDOWNS)[number]

/** Micro-units of a dollar. */
export const MICROS = 1_000_000
/** As the server fills them in. */
const DEFAULT_TIMEOUTS = {
  connectMs: 10,
  streamHeadersMs: 60,
  wholeHeadersMs: 600,
  firstEventMs: 120,
  idleMs: 120,
  totalMs: 3600,
}
const DEFAULT_COOLDOWN = { firstMs: 2, longestMs: 120, rateLimitedMs: 30 }

/** An empty form. */
export function emptyDraft(timeZone: string): AccountDraft {
  return {
    name: '',
    description: '',
    type: 'ccr',
    baseUrl: '',
    formatBaseUrls: allUrls(),
    credential: '',
    apiFormat: 'claude',
    responseFormat: 'auto',
    models: [],
    allowedModels: '',
    maxOutputTokens: '0',
    priority: '50',
    weight: '1',
    maxConcurrency: '0',
    groups: '',
    tags: '',
    isDedicated: false,
    schedulable: true,
    enabled: true,
    quotaDollars: '',
    resetTime: '00:00',
    timeZone,
    expiresOn: '',
    currency: 'USD',
    priceMultiplier: '1',
    proxyUrl: '',
    tlsCa: '',
    headers: '',
    timeouts: mapValues(DEFAULT_TIMEOUTS, String),
    cooldownIsOn: true,
    cooldown: mapValues(DEFAULT_COOLDOWN, String),
    errorClasses: [],
    lossPolicy: '',
    profile: '',
    rules: '',
  }
}

/** An account as it is saved, in the form. */
export function draftOf(account: AccountView, timeZone: string): AccountDraft {
  const { isOn, ...cooldown } = account.cooldownPolicy
  return {
    ...account,
    ...limitTexts(account, timeZone),
    ...conversionTexts(account),
    formatBaseUrls: allUrls(account.formatBaseUrls),
    credential: '',
    models: Object.entries(account.models ?? {}).map(([asked, sent]) => ({ asked, sent })),
    allowedModels: joinList(account.allowedModels ?? []),
    groups: joinList(account.groups),
    tags: joinList(account.tags),
    proxyUrl: account.proxyUrl ?? '',
    tlsCa: account.tlsCa ?? '',
    headers: Object.entries(account.headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
    timeouts: mapValues(account.timeouts, toSeconds),
    cooldownIsOn: isOn,
    cooldown: mapValues(cooldown, toSeconds),
    errorClasses: account.errorClasses.map(({ status, body, header, class: name }) => ({
      status: status === undefined ? '' : String(status),
      body: body ?? '',
      headerName: header?.name ?? '',
      headerValue: header?.value ?? '',
      class: name,
    })),
  }
}

function limitTexts({ dailyQuota, expiresAt, ...account }: AccountView, timeZone: string) {
  return {
    maxOutputTokens: String(account.maxOutputTokens),
    priority: String(account.priority),
    weight: String(account.weight),
    maxConcurrency: String(account.maxConcurrency),
    priceMultiplier: String(account.priceMultiplier),
    quotaDollars: dailyQuota === undefined ? '' : String(dailyQuota.limitMicroUsd / MICROS),
    resetTime: dailyQuota?.resetTime ?? '00:00',
    timeZone: dailyQuota?.timeZone ?? timeZone,
    expiresOn: expiresAt === undefined ? '' : toDay(expiresAt),
  }
}

function conversionTexts({ lossPolicy, profile, rules }: AccountView) {
  return {
    lossPolicy: lossPolicy ?? ('' as const),
    profile: isEmpty(profile) ? '' : writeJson(profile),
    rules: isEmpty(rules) ? '' : writeJson(rules),
  }
}

type Preset = AccountOptions['presets'][number]

/** Fills in what a preset knows; a name that was typed stays. */
export function applyPreset(draft: AccountDraft, preset: Preset, previous: Preset | undefined): void {
  draft.type = preset.type
  draft.baseUrl = preset.baseUrl
  draft.formatBaseUrls = allUrls(preset.formatBaseUrls)
  draft.apiFormat = preset.apiFormat
  draft.responseFormat = 'auto'
  draft.profile = writeJson({ id: preset.profileId })
  if (draft.name === '' || draft.name === previous?.id) draft.name = preset.id
}

/** Takes the address of somebody's own: what the preset knew of others goes, so that the key reaches no other host. */
export function leavePreset(draft: AccountDraft, preset: Preset | undefined, baseUrl: string): void {
  draft.baseUrl = baseUrl
  const brought = JSON.stringify(allUrls(preset?.formatBaseUrls))
  if (JSON.stringify(draft.formatBaseUrls) === brought) draft.formatBaseUrls = allUrls()
}

function allUrls(known: Preset['formatBaseUrls'] = {}): Record<UpstreamApi, string> {
  return { claude: '', 'openai-chat': '', 'openai-responses': '', ...known }
}

function joinList(list: readonly string[]): string {
  return list.join(', ')
}

function writeJson(value: object): string {
  return JSON.stringify(value, undefined, 2)
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0
}

function toSeconds(ms: number): string {
  return String(ms / 1000)
}

/** As a date field wants it, in the reader's own time zone. */
function toDay(at: number): string {
  const date = new Date(at)
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-')
}
