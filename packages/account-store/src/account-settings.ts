import {
  toAcceptedLosses,
  toCooldownPolicy,
  toDailyQuota,
  toErrorClasses,
  toFormatBaseUrls,
  toHeaders,
  toModels,
  toOpaque,
  toTimeouts,
  URL_FORMATS,
} from './account-fields.ts'
import type {
  AccountApiFormat,
  AccountChange,
  AccountInput,
  AccountResponseFormat,
  AccountSettings,
} from './account.ts'
import { ACCOUNT_TYPES, DEFAULT_API_FORMATS } from './account.ts'
import {
  checkBoolean,
  checkChoice,
  checkDecimal,
  checkLines,
  checkName,
  checkNumber,
  checkText,
  checkTexts,
  checkTime,
  checkWebUrl,
  checkWords,
  clearedFields,
  definedFields,
  refuseField,
  unlessMissing,
} from './check-field.ts'
import { LOSS_POLICIES } from './loss-policy.ts'
import { splitProxyUrl } from './proxy-url.ts'

const API_FORMATS: readonly AccountApiFormat[] = ['claude', 'openai-chat', 'openai-responses', 'auto']
const RESPONSE_FORMATS: readonly AccountResponseFormat[] = ['auto', 'claude', 'openai']
const MAX_CREDENTIAL_CHARACTERS = 16_384
const MAX_CA_CHARACTERS = 65_536
const MAX_MODELS = 1000
const CURRENCY = /^[A-Z]{3}$/
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\w+/=\s]+-----END CERTIFICATE-----/
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/

/** What an account gets where nothing is chosen; the API format depends on the type. */
const DEFAULTS = {
  description: '',
  tags: [],
  groups: [],
  isDedicated: false,
  formatBaseUrls: {},
  responseFormat: 'auto',
  headers: {},
  models: {},
  allowedModels: [],
  proxyUrl: undefined,
  tlsCa: undefined,
  dailyQuota: undefined,
  currency: 'USD',
  priceMultiplier: 1,
  expiresAt: undefined,
  cooldownPolicy: {},
  errorClasses: [],
  maxOutputTokens: 0,
  priority: 50,
  weight: 1,
  maxConcurrency: 0,
  timeouts: {},
  lossPolicy: undefined,
  acceptedLosses: [],
  profile: {},
  rules: {},
  enabled: true,
  schedulable: true,
  isDemo: false,
} as const

/**
 * Checks what was entered for an account and fills in the defaults of its type.
 *
 * @throws StoreError `invalid-input`, naming the field
 */
export function toAccountSettings(input: AccountInput): AccountSettings {
  const type = checkChoice('type', input.type, ACCOUNT_TYPES)
  const full = { ...DEFAULTS, apiFormat: DEFAULT_API_FORMATS[type], ...definedFields(input) }
  return {
    name: checkName('name', full.name),
    description: checkText('description', full.description, { min: 0, max: 1000 }),
    tags: checkWords('tags', full.tags),
    groups: checkWords('groups', full.groups),
    isDedicated: checkBoolean('isDedicated', full.isDedicated),
    type,
    baseUrl: checkWebUrl('baseUrl', full.baseUrl),
    formatBaseUrls: toFormatBaseUrls(full.formatBaseUrls),
    apiFormat: checkChoice('apiFormat', full.apiFormat, API_FORMATS),
    responseFormat: checkChoice('responseFormat', full.responseFormat, RESPONSE_FORMATS),
    headers: toHeaders(full.headers),
    models: toModels(full.models),
    allowedModels: toAllowedModels(full.allowedModels),
    proxyUrl: unlessMissing(full.proxyUrl, (url) => splitProxyUrl(url).shown),
    tlsCa: unlessMissing(full.tlsCa, toCertificates),
    dailyQuota: unlessMissing(full.dailyQuota, toDailyQuota),
    currency: toCurrency(full.currency),
    priceMultiplier: checkDecimal('priceMultiplier', full.priceMultiplier, { min: 0, max: 1000 }),
    expiresAt: unlessMissing(full.expiresAt, (at) => checkTime('expiresAt', at)),
    cooldownPolicy: toCooldownPolicy(full.cooldownPolicy),
    errorClasses: toErrorClasses(full.errorClasses),
    maxOutputTokens: checkNumber('maxOutputTokens', full.maxOutputTokens, { min: 0, max: 100_000_000 }),
    priority: checkNumber('priority', full.priority, { min: 0, max: 1000 }),
    weight: checkNumber('weight', full.weight, { min: 1, max: 1000 }),
    maxConcurrency: checkNumber('maxConcurrency', full.maxConcurrency, { min: 0, max: 1_000_000 }),
    timeouts: toTimeouts(full.timeouts),
    lossPolicy: unlessMissing(full.lossPolicy, (policy) => checkChoice('lossPolicy', policy, LOSS_POLICIES)),
    acceptedLosses: toAcceptedLosses(full.acceptedLosses),
    profile: toOpaque('profile', full.profile),
    rules: toOpaque('rules', full.rules),
    enabled: checkBoolean('enabled', full.enabled),
    schedulable: checkBoolean('schedulable', full.schedulable),
    isDemo: checkBoolean('isDemo', full.isDemo),
  }
}

/** The settings after a change; fields that are not there stay, an empty `models` passes every model through again. */
export function changeAccountSettings(current: AccountSettings, change: AccountChange): AccountSettings {
  const { credential: _, timeouts, cooldownPolicy, ...fields } = change
  return toAccountSettings({
    ...current,
    ...clearedFields(fields),
    timeouts: { ...current.timeouts, ...timeouts },
    cooldownPolicy: { ...current.cooldownPolicy, ...cooldownPolicy },
  })
}

/** Tells whether a change would send a stored credential to an address it was not entered for. */
export function reachesNewAddress(before: AccountSettings, after: AccountSettings): boolean {
  const known = new Set(addressesOf(before))
  const reached = addressesOf(after).filter((address) => address !== undefined)
  return (
    showsToProxy(before, after, reached) ||
    reached.some((address) => !known.has(address)) ||
    before.baseUrl !== after.baseUrl
  )
}

/** A proxy is only a tunnel, but for plain addresses, and for those whose server an authority of one's own lets it play. */
function showsToProxy(before: AccountSettings, after: AccountSettings, reached: readonly string[]): boolean {
  const isNew = after.proxyUrl !== before.proxyUrl || after.tlsCa !== before.tlsCa
  if (after.proxyUrl === undefined || !isNew) return false
  return after.tlsCa !== undefined || reached.some((address) => address.toLowerCase().startsWith('http:'))
}

/**
 * Checks a credential: it has to fit into a header.
 *
 * @throws StoreError `invalid-input`, without the credential
 */
export function checkCredential(credential: string): string {
  const text = checkText('credential', credential, { min: 1, max: MAX_CREDENTIAL_CHARACTERS })
  if (/[^\u0021-\u007e]/.test(text)) refuseField('credential', 'holds white space or characters outside ASCII')
  return text
}

function addressesOf({ baseUrl, formatBaseUrls }: AccountSettings): (string | undefined)[] {
  return [baseUrl, ...URL_FORMATS.map((format) => formatBaseUrls[format])]
}

function toAllowedModels(value: readonly string[]): readonly string[] | undefined {
  const patterns = checkTexts('allowedModels', value, MAX_MODELS)
  return patterns.length === 0 ? undefined : patterns
}

function toCertificates(value: string): string {
  const text = checkLines('tlsCa', value, { min: 1, max: MAX_CA_CHARACTERS })
  if (!CERTIFICATE.test(text)) refuseField('tlsCa', 'holds no certificate in PEM form')
  if (PRIVATE_KEY.test(text)) refuseField('tlsCa', 'holds a private key; only certificates belong here')
  return text
}

function toCurrency(value: string): string {
  const code = checkText('currency', value, { min: 3, max: 3 })
  return CURRENCY.test(code) ? code : refuseField('currency', 'is not a code of three capital letters, such as USD')
}
