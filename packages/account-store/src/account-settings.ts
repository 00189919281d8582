import type {
  AccountApiFormat,
  AccountChange,
  AccountInput,
  AccountResponseFormat,
  AccountSettings,
  AccountTimeouts,
  FormatBaseUrls,
} from './account.ts'
import { ACCOUNT_TYPES, DEFAULT_API_FORMATS, DEFAULT_TIMEOUTS } from './account.ts'
import {
  checkBoolean,
  checkChoice,
  checkName,
  checkNumber,
  checkObject,
  checkText,
  checkWebUrl,
  definedFields,
  refuseField,
} from './check-field.ts'
import { LOSS_POLICIES } from './loss-policy.ts'
import type { AcceptedLoss } from './loss-policy.ts'

const API_FORMATS: readonly AccountApiFormat[] = ['claude', 'openai-chat', 'openai-responses', 'auto']
const URL_FORMATS: readonly (keyof FormatBaseUrls)[] = ['claude', 'openai-chat', 'openai-responses']
const RESPONSE_FORMATS: readonly AccountResponseFormat[] = ['auto', 'claude', 'openai']
const MAX_MAP_ENTRIES = 1000
/** More than there are codes. */
const MAX_ACCEPTED_LOSSES = 200
/** Of what the store keeps without understanding it, as JSON. */
const MAX_OPAQUE_CHARACTERS = 65_536
const MAX_CREDENTIAL_CHARACTERS = 16_384
/** Longest time-out: a day. A longer one is a slip of the unit. */
const MAX_TIMEOUT_MS = 86_400_000
const HEADER_NAME = /^[!#$%&'*+.^`|~\w-]{1,100}$/

/** Headers that carry secrets (they would be readable), or that steer the connection or the destination. */
const REFUSED_HEADERS: ReadonlySet<string> = new Set([
  'api-key',
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-api-key',
])

/** What an account gets where nothing is chosen; the API format depends on the type. */
const DEFAULTS = {
  description: '',
  formatBaseUrls: {},
  responseFormat: 'auto',
  headers: {},
  models: {},
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
    type,
    baseUrl: checkWebUrl('baseUrl', full.baseUrl),
    formatBaseUrls: toFormatBaseUrls(full.formatBaseUrls),
    apiFormat: checkChoice('apiFormat', full.apiFormat, API_FORMATS),
    responseFormat: checkChoice('responseFormat', full.responseFormat, RESPONSE_FORMATS),
    headers: toHeaders(full.headers),
    models: toModels(full.models),
    maxOutputTokens: checkNumber('maxOutputTokens', full.maxOutputTokens, { min: 0, max: 100_000_000 }),
    priority: checkNumber('priority', full.priority, { min: 0, max: 1000 }),
    weight: checkNumber('weight', full.weight, { min: 1, max: 1000 }),
    maxConcurrency: checkNumber('maxConcurrency', full.maxConcurrency, { min: 0, max: 1_000_000 }),
    timeouts: toTimeouts(full.timeouts),
    lossPolicy: full.lossPolicy === undefined ? undefined : checkChoice('lossPolicy', full.lossPolicy, LOSS_POLICIES),
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
  const { credential: _, timeouts, lossPolicy, ...fields } = change
  return toAccountSettings({
    ...current,
    ...definedFields(fields),
    lossPolicy: lossPolicy === undefined ? current.lossPolicy : (lossPolicy ?? undefined),
    timeouts: { ...current.timeouts, ...timeouts },
  })
}

/** Tells whether a change would send a stored credential to an address it was not entered for. */
export function reachesNewAddress(before: AccountSettings, after: AccountSettings): boolean {
  const known = new Set(addressesOf(before))
  return (
    addressesOf(after).some((address) => address !== undefined && !known.has(address)) ||
    before.baseUrl !== after.baseUrl
  )
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

function toFormatBaseUrls(value: FormatBaseUrls): FormatBaseUrls {
  const entries = Object.entries(checkObject('formatBaseUrls', value)).filter(([, url]) => url !== undefined)
  return Object.fromEntries(
    entries.map(([name, url]) => {
      const format = checkChoice('formatBaseUrls key', name, URL_FORMATS)
      return [format, checkWebUrl(`formatBaseUrls.${format}`, url)]
    }),
  )
}

function toHeaders(value: object): Readonly<Record<string, string>> {
  const entries = checkEntries('headers', value).map(([name, text]): [string, string] => {
    if (!HEADER_NAME.test(name)) refuseField('headers', 'holds a name that is not a header name')
    if (REFUSED_HEADERS.has(name.toLowerCase())) {
      refuseField(`headers.${name}`, 'is set by Relay itself; a secret belongs into the credential')
    }
    return [name.toLowerCase(), checkText(`headers.${name}`, text, { min: 0, max: 4096 })]
  })
  return Object.fromEntries(entries)
}

function toModels(value: object): Readonly<Record<string, string>> | undefined {
  const entries = checkEntries('models', value).map(([asked, sent]): [string, string] => [
    checkText('models key', asked, { min: 1, max: 200 }),
    checkText(`models.${asked}`, sent, { min: 1, max: 200 }),
  ])
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function checkEntries(field: string, value: object): [string, unknown][] {
  const entries = Object.entries(checkObject(field, value))
  if (entries.length > MAX_MAP_ENTRIES) {
    refuseField(field, `has ${entries.length} entries, allowed are ${MAX_MAP_ENTRIES}`)
  }
  return entries
}

function toTimeouts(value: Partial<AccountTimeouts>): AccountTimeouts {
  const given = checkObject('timeouts', value)
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(DEFAULT_TIMEOUTS, name))
  if (unknown !== undefined)
    refuseField('timeouts', `holds a name that is not known; known are ${Object.keys(DEFAULT_TIMEOUTS).join(', ')}`)
  const read = (name: keyof AccountTimeouts): number =>
    checkNumber(`timeouts.${name}`, given[name] ?? DEFAULT_TIMEOUTS[name], { min: 1, max: MAX_TIMEOUT_MS })
  return {
    connectMs: read('connectMs'),
    streamHeadersMs: read('streamHeadersMs'),
    wholeHeadersMs: read('wholeHeadersMs'),
    firstEventMs: read('firstEventMs'),
    idleMs: read('idleMs'),
    totalMs: read('totalMs'),
  }
}

function toAcceptedLosses(value: readonly AcceptedLoss[]): readonly AcceptedLoss[] {
  if (!Array.isArray(value)) refuseField('acceptedLosses', 'must be a list')
  if (value.length > MAX_ACCEPTED_LOSSES)
    refuseField('acceptedLosses', `has ${value.length} entries, allowed are ${MAX_ACCEPTED_LOSSES}`)
  const accepted = value.map(toAcceptedLoss)
  const repeated = accepted.find(({ code }, index) => accepted.findIndex((other) => other.code === code) !== index)
  if (repeated !== undefined) refuseField('acceptedLosses', `names ${repeated.code} twice`)
  return accepted
}

function toAcceptedLoss(value: unknown, index: number): AcceptedLoss {
  const field = `acceptedLosses[${index}]`
  const { code, by, at } = checkObject(field, value)
  return {
    code: checkName(`${field}.code`, code),
    by: checkName(`${field}.by`, by),
    at: checkNumber(`${field}.at`, at, { min: 0, max: Number.MAX_SAFE_INTEGER }),
  }
}

function toOpaque(field: string, value: object): Readonly<Record<string, unknown>> {
  const object = checkObject(field, value)
  const size = JSON.stringify(object).length
  if (size > MAX_OPAQUE_CHARACTERS) {
    refuseField(field, `has ${size} characters as JSON, allowed are ${MAX_OPAQUE_CHARACTERS}`)
  }
  return object
}
