import type { AccountTimeouts, CooldownPolicy, DailyQuota, ErrorClassRule, FormatBaseUrls } from './account.ts'
import { DEFAULT_COOLDOWN_POLICY, DEFAULT_TIMEOUTS } from './account.ts'
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
  shown,
} from './check-field.ts'
import { checkTimeZone } from './limits/check-time-zone.ts'
import type { AcceptedLoss } from './loss-policy.ts'

/** Formats that may have an address of their own. */
export const URL_FORMATS: readonly (keyof FormatBaseUrls)[] = ['claude', 'openai-chat', 'openai-responses']
const MAX_MAP_ENTRIES = 1000
/** More than there are codes. */
const MAX_ACCEPTED_LOSSES = 200
/** Of what the store keeps without understanding it, as JSON. */
const MAX_OPAQUE_CHARACTERS = 65_536
/** Longest time-out: a day. A longer one is a slip of the unit. */
const MAX_TIMEOUT_MS = 86_400_000
const HEADER_NAME = /^[!#$%&'*+.^`|~\w-]{1,100}$/

/** A character of a header is one byte. */
const BEYOND_LATIN_1 = /[^\u0020-\u00ff]/

/** Headers that carry secrets (they would be readable), or that steer the connection or the destination. */
const REFUSED_HEADERS: ReadonlySet<string> = new Set([
  'accept-encoding',
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
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-api-key',
])

const MAX_ERROR_CLASSES = 100
const CLOCK_TIME = /^([01]\d|2[0-3]):[0-5]\d$/

/** Addresses by format; those that are `undefined` are left out. */
export function toFormatBaseUrls(value: FormatBaseUrls): FormatBaseUrls {
  const entries = Object.entries(checkObject('formatBaseUrls', value)).filter(([, url]) => url !== undefined)
  return Object.fromEntries(
    entries.map(([name, url]) => {
      const format = checkChoice('formatBaseUrls key', name, URL_FORMATS)
      return [format, checkWebUrl(`formatBaseUrls.${format}`, url)]
    }),
  )
}

/** Extra headers, their names in lower case. */
export function toHeaders(value: object): Readonly<Record<string, string>> {
  const entries = checkEntries('headers', value).map(([name, text]): [string, string] => {
    if (!HEADER_NAME.test(name)) refuseField('headers', 'holds a name that is not a header name')
    if (REFUSED_HEADERS.has(name.toLowerCase())) {
      refuseField(`headers.${name}`, 'is set by Relay itself; a secret belongs into the credential')
    }
    return [name.toLowerCase(), checkHeaderValue(`headers.${name}`, text)]
  })
  return Object.fromEntries(entries)
}

function checkHeaderValue(field: string, value: unknown): string {
  const text = checkText(field, value, { min: 0, max: 4096 })
  if (BEYOND_LATIN_1.test(text)) refuseField(field, 'holds a character that no header can carry')
  return text
}

/** A model map; an empty one is none. */
export function toModels(value: object): Readonly<Record<string, string>> | undefined {
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

/** All time limits, those of the type where none is given. */
export function toTimeouts(value: Partial<AccountTimeouts>): AccountTimeouts {
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

/** Accepted losses, each code once. */
export function toAcceptedLosses(value: readonly AcceptedLoss[]): readonly AcceptedLoss[] {
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

/** An object that the store keeps without understanding it. */
export function toOpaque(field: string, value: object): Readonly<Record<string, unknown>> {
  const object = checkObject(field, value)
  const size = JSON.stringify(object).length
  if (size > MAX_OPAQUE_CHARACTERS) {
    refuseField(field, `has ${size} characters as JSON, allowed are ${MAX_OPAQUE_CHARACTERS}`)
  }
  return object
}

/** A daily quota; the day begins at midnight UTC unless said otherwise. */
export function toDailyQuota(value: object): DailyQuota {
  const { limitMicroUsd, resetTime = '00:00', timeZone = 'UTC' } = checkObject('dailyQuota', value)
  const time = checkText('dailyQuota.resetTime', resetTime, { min: 1, max: 20 })
  if (!CLOCK_TIME.test(time))
    refuseField('dailyQuota.resetTime', `is ${shown(time)}, which is not a time of day from 00:00 to 23:59`, {
      code: 'time-of-day',
      value: shown(time),
    })
  return {
    limitMicroUsd: checkNumber('dailyQuota.limitMicroUsd', limitMicroUsd, { min: 1, max: 1_000_000_000_000_000 }),
    resetTime: time,
    timeZone: checkTimeZone('dailyQuota.timeZone', timeZone),
  }
}

/** A whole cooldown policy. */
export function toCooldownPolicy(value: Partial<CooldownPolicy>): CooldownPolicy {
  const full = { ...DEFAULT_COOLDOWN_POLICY, ...definedFields({ ...checkObject('cooldownPolicy', value) }) }
  const bounds = { min: 100, max: MAX_TIMEOUT_MS }
  const firstMs = checkNumber('cooldownPolicy.firstMs', full.firstMs, bounds)
  return {
    isOn: checkBoolean('cooldownPolicy.isOn', full.isOn),
    firstMs,
    longestMs: checkNumber('cooldownPolicy.longestMs', full.longestMs, { ...bounds, min: firstMs }),
    rateLimitedMs: checkNumber('cooldownPolicy.rateLimitedMs', full.rateLimitedMs, bounds),
  }
}

/** Rules for failure classes, in their order. */
export function toErrorClasses(value: readonly ErrorClassRule[]): readonly ErrorClassRule[] {
  if (!Array.isArray(value)) refuseField('errorClasses', 'must be a list')
  if (value.length > MAX_ERROR_CLASSES) {
    refuseField('errorClasses', `has ${value.length} entries, allowed are ${MAX_ERROR_CLASSES}`)
  }
  return value.map((rule: unknown, index) => toErrorClass(rule, `errorClasses[${index}]`))
}

function toErrorClass(value: unknown, field: string): ErrorClassRule {
  const { status, body, header, class: name } = checkObject(field, value)
  if (status === undefined && body === undefined && header === undefined) {
    refuseField(field, 'has no condition; give it a status, a body or a header')
  }
  return definedFields({
    status: status === undefined ? undefined : checkNumber(`${field}.status`, status, { min: 100, max: 999 }),
    body: body === undefined ? undefined : checkText(`${field}.body`, body, { min: 1, max: 500 }),
    header: header === undefined ? undefined : toErrorHeader(header, `${field}.header`),
    class: checkName(`${field}.class`, name),
  })
}

function toErrorHeader(given: unknown, field: string): ErrorClassRule['header'] {
  const { name, value } = checkObject(field, given)
  const header = checkText(`${field}.name`, name, { min: 1, max: 100 })
  if (!HEADER_NAME.test(header)) refuseField(`${field}.name`, 'is not a header name')
  return definedFields({
    name: header.toLowerCase(),
    value: value === undefined ? undefined : checkText(`${field}.value`, value, { min: 1, max: 500 }),
  })
}
