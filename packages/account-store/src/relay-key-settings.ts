import { checkNetwork } from './address-list.ts'
import {
  checkBoolean,
  checkChoice,
  checkLines,
  checkName,
  checkNumber,
  checkObject,
  checkText,
  checkTexts,
  checkTime,
  checkWords,
  clearedFields,
  refuseField,
  unlessMissing,
} from './check-field.ts'
import { toLimits } from './limits/limits-settings.ts'
import { LOSS_POLICIES } from './loss-policy.ts'
import type {
  ConcurrencyQueue,
  ForeignRelayKey,
  RelayKeyChange,
  RelayKeyInput,
  RelayKeyPermissions,
  RelayKeySettings,
} from './relay-key.ts'
import type { WireFormat } from './wire-format.ts'

const FORMATS: readonly WireFormat[] = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini']
const MAX_LIST_ENTRIES = 1000
const MAX_RESPONSE_TTL_MS = 30 * 86_400_000
/** A hundred years: longer is a slip of the unit. */
const MAX_LIFE_MS = 36_525 * 86_400_000
const SECRET_CHARACTERS = { min: 16, max: 256 }

/**
 * Checks what was entered for a relay key and fills in the defaults.
 *
 * @throws StoreError `invalid-input`, naming the field
 */
export function toRelayKeySettings(input: RelayKeyInput): RelayKeySettings {
  return {
    name: checkName('name', input.name),
    owner: checkName('owner', input.owner ?? 'admin'),
    team: unlessMissing(input.team, (team) => checkName('team', team)),
    tags: checkWords('tags', input.tags ?? []),
    note: checkLines('note', input.note ?? '', { min: 0, max: 2000 }),
    permissions: toPermissions(input.permissions ?? {}),
    ...toLimits(input),
    concurrencyQueue: unlessMissing(input.concurrencyQueue, toConcurrencyQueue),
    expiresAt: unlessMissing(input.expiresAt, (at) => checkTime('expiresAt', at)),
    expiresAfterFirstUseMs: unlessMissing(input.expiresAfterFirstUseMs, (ms) =>
      checkNumber('expiresAfterFirstUseMs', ms, { min: 1, max: MAX_LIFE_MS }),
    ),
    lossPolicy: checkChoice('lossPolicy', input.lossPolicy ?? 'warn', LOSS_POLICIES),
    responseTtlMs: checkNumber('responseTtlMs', input.responseTtlMs ?? 0, { min: 0, max: MAX_RESPONSE_TTL_MS }),
    enabled: checkBoolean('enabled', input.enabled ?? true),
  }
}

/** The settings after a change; fields that are not there stay, `null` clears. */
export function changeRelayKeySettings(current: RelayKeySettings, change: RelayKeyChange): RelayKeySettings {
  return toRelayKeySettings({ ...current, ...clearedFields(change), budget: { ...current.budget, ...change.budget } })
}

/** Checks what is known of the life of a key that comes from another system. */
export function checkKeyTimes(
  input: Pick<ForeignRelayKey, 'createdAt' | 'lastUsedAt' | 'firstUsedAt'>,
): Pick<ForeignRelayKey, 'createdAt' | 'lastUsedAt' | 'firstUsedAt'> {
  return {
    createdAt: unlessMissing(input.createdAt, (at) => checkTime('createdAt', at)),
    lastUsedAt: unlessMissing(input.lastUsedAt, (at) => checkTime('lastUsedAt', at)),
    firstUsedAt: unlessMissing(input.firstUsedAt, (at) => checkTime('firstUsedAt', at)),
  }
}

/**
 * Checks the secret that an operator declares for a relay key.
 *
 * @throws StoreError `invalid-input`, without the secret
 */
export function checkDeclaredSecret(secret: string): string {
  const text = checkText('secret', secret, SECRET_CHARACTERS)
  if (/[^\u0021-\u007e]/.test(text)) refuseField('secret', 'holds white space or characters outside ASCII')
  return text
}

function toConcurrencyQueue(value: ConcurrencyQueue): ConcurrencyQueue {
  const { maxWaiting, maxWaitMs } = checkObject('concurrencyQueue', value)
  return {
    maxWaiting: checkNumber('concurrencyQueue.maxWaiting', maxWaiting, { min: 1, max: 1000 }),
    maxWaitMs: checkNumber('concurrencyQueue.maxWaitMs', maxWaitMs, { min: 1, max: 60_000 }),
  }
}

function toPermissions(value: RelayKeyPermissions): RelayKeyPermissions {
  const { formats, models, accounts, groups, addresses } = checkObject('permissions', value)
  return {
    formats: toList('formats', formats)?.map((format) => checkChoice('permissions.formats', format, FORMATS)),
    models: toList('models', models),
    accounts: toList('accounts', accounts),
    groups: toList('groups', groups),
    addresses: toList('addresses', addresses)?.map((network) => checkNetwork('permissions.addresses', network)),
  }
}

function toList(name: keyof RelayKeyPermissions, value: unknown): readonly string[] | undefined {
  return unlessMissing(value, (entries) => checkTexts(`permissions.${name}`, entries, MAX_LIST_ENTRIES))
}
