import type { AccountChangeBody, AccountInputBody, UpstreamApi } from '@relay/server/admin-contract'

import { MICROS } from './draft.ts'
import type { AccountDraft, ErrorRuleDraft } from './draft.ts'
import { mapValues } from './map-values.ts'

/** What of a draft cannot be sent, by field; empty when it can. */
export type DraftTroubles = Partial<
  Record<keyof AccountDraft, 'missing' | 'json' | 'number' | 'headers' | 'error-rules'>
>

/** Looks for what is not there and what the server could not even read; whether it makes sense is for the server to say. */
export function draftTroubles(draft: AccountDraft): DraftTroubles {
  const missing = [
    ...wrong(['name'], () => draft.name.trim() !== ''),
    ...wrong(
      ['baseUrl'],
      () => draft.baseUrl.trim() !== '' || Object.keys(filledUrls(draft.formatBaseUrls)).length > 0,
    ),
  ]
  const json = wrong(['profile', 'rules'], (field) => readJson(draft[field]) !== undefined)
  const numbers = [
    ...wrong(['maxOutputTokens', 'priority', 'weight', 'maxConcurrency'], (field) => /^\d+$/.test(draft[field].trim())),
    ...wrong(['quotaDollars'], (field) => Number(draft[field]) >= 0),
    // An empty field is 0 as a number, and would make everything free.
    ...wrong(['priceMultiplier'], (field) => draft[field].trim() !== '' && Number(draft[field]) >= 0),
    ...wrong(['timeouts', 'cooldown'], (field) => Object.values(draft[field]).every((value) => Number(value) > 0)),
  ]
  const headers = wrong(['headers'], (field) => readHeaders(draft[field]) !== undefined)
  const errorRules = wrong(['errorClasses'], (field) => draft[field].every(isRule))
  return {
    ...named(missing, 'missing'),
    ...named(json, 'json'),
    ...named(numbers, 'number'),
    ...named(headers, 'headers'),
    ...named(errorRules, 'error-rules'),
  }
}

/** The fields that are not right. */
function wrong<Field extends keyof AccountDraft>(
  fields: readonly Field[],
  isRight: (field: Field) => boolean,
): readonly Field[] {
  return fields.filter((field) => !isRight(field))
}

function named<Why extends string>(
  fields: readonly (keyof AccountDraft)[],
  why: Why,
): Partial<Record<keyof AccountDraft, Why>> {
  return Object.fromEntries(fields.map((field) => [field, why]))
}

/** What is sent for a new account. */
export function toInput(draft: AccountDraft): AccountInputBody {
  const { quota, expiresAt, proxyUrl, tlsCa, lossPolicy } = clearables(draft)
  return {
    ...commonFields(draft),
    credential: draft.credential === '' ? undefined : draft.credential,
    dailyQuota: quota,
    expiresAt,
    proxyUrl,
    tlsCa,
    lossPolicy,
  }
}

/** What is sent for an account that is there; an empty credential keeps the stored one. */
export function toChange(draft: AccountDraft): AccountChangeBody {
  const { quota, expiresAt, proxyUrl, tlsCa, lossPolicy } = clearables(draft)
  return {
    ...commonFields(draft),
    ...(draft.credential === '' ? {} : { credential: draft.credential }),
    dailyQuota: quota ?? null,
    expiresAt: expiresAt ?? null,
    proxyUrl: proxyUrl ?? null,
    tlsCa: tlsCa ?? null,
    lossPolicy: lossPolicy ?? null,
  }
}

function commonFields(draft: AccountDraft) {
  return {
    name: draft.name.trim(),
    description: draft.description,
    type: draft.type,
    baseUrl: draft.baseUrl.trim(),
    formatBaseUrls: filledUrls(draft.formatBaseUrls),
    apiFormat: draft.apiFormat,
    responseFormat: draft.responseFormat,
    models: Object.fromEntries(
      draft.models
        .filter(({ asked }) => asked.trim() !== '')
        .map(({ asked, sent }) => [asked.trim(), sent.trim() || asked.trim()]),
    ),
    allowedModels: splitList(draft.allowedModels),
    maxOutputTokens: Number(draft.maxOutputTokens),
    priority: Number(draft.priority),
    weight: Number(draft.weight),
    maxConcurrency: Number(draft.maxConcurrency),
    groups: splitList(draft.groups),
    tags: splitList(draft.tags),
    isDedicated: draft.isDedicated,
    schedulable: draft.schedulable,
    enabled: draft.enabled,
    currency: draft.currency.trim().toUpperCase(),
    priceMultiplier: Number(draft.priceMultiplier),
    headers: readHeaders(draft.headers) ?? {},
    timeouts: mapValues(draft.timeouts, toMs),
    cooldownPolicy: { isOn: draft.cooldownIsOn, ...mapValues(draft.cooldown, toMs) },
    errorClasses: draft.errorClasses.map(toRule),
    profile: readJson(draft.profile, {}),
    rules: readJson(draft.rules, {}),
  }
}

/** Without a condition a rule would fit every answer; a value needs the header that it stands in. */
function isRule({ status, body, headerName, headerValue }: ErrorRuleDraft): boolean {
  if (status.trim() !== '' && !/^[1-9]\d\d$/.test(status.trim())) return false
  if (headerValue.trim() !== '' && headerName.trim() === '') return false
  return [status, body, headerName].some((condition) => condition.trim() !== '')
}

function toRule({ status, body, headerName, headerValue, class: name }: ErrorRuleDraft) {
  const value = headerValue.trim() === '' ? undefined : headerValue.trim()
  return {
    status: status.trim() === '' ? undefined : Number(status),
    body: body.trim() === '' ? undefined : body.trim(),
    header: headerName.trim() === '' ? undefined : { name: headerName.trim(), value },
    class: name,
  }
}

function clearables(draft: AccountDraft) {
  const { quotaDollars, resetTime, timeZone, expiresOn } = draft
  return {
    quota:
      quotaDollars.trim() === ''
        ? undefined
        : { limitMicroUsd: Math.round(Number(quotaDollars) * MICROS), resetTime, timeZone },
    expiresAt: expiresOn === '' ? undefined : new Date(`${expiresOn}T00:00`).getTime(),
    proxyUrl: draft.proxyUrl.trim() || undefined,
    tlsCa: draft.tlsCa.trim() || undefined,
    lossPolicy: draft.lossPolicy === '' ? undefined : draft.lossPolicy,
  }
}

/** The addresses that are filled in. */
export function filledUrls(urls: Record<UpstreamApi, string>): Partial<Record<UpstreamApi, string>> {
  return Object.fromEntries(
    Object.entries(urls).flatMap(([format, url]) => (url.trim() === '' ? [] : [[format, url.trim()]])),
  )
}

/** The entries of a list that is written with commas. */
export function splitList(text: string): string[] {
  return text
    .split(/[,，\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function readHeaders(text: string): Record<string, string> | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const pairs = lines.map((line): [string, string] => {
    const at = line.indexOf(':')
    return [line.slice(0, Math.max(0, at)).trim(), line.slice(at + 1).trim()]
  })
  return pairs.some(([name]) => name === '') ? undefined : Object.fromEntries(pairs)
}

/** @returns `undefined` for what is no JSON; an empty text is `empty` */
function readJson<Value>(text: string, empty?: Value): Value {
  if (text.trim() === '') return empty ?? ({} as Value)
  try {
    // The server checks what it is; here it is only carried.
    return JSON.parse(text) as Value
  } catch {
    return undefined as Value // the form says so in the field
  }
}

function toMs(seconds: string): number {
  return Math.round(Number(seconds) * 1000)
}
