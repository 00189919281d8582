import {
  checkBoolean,
  checkChoice,
  checkName,
  checkNumber,
  checkObject,
  checkText,
  checkTexts,
  definedFields,
  refuseField,
} from './check-field.ts'
import { LOSS_POLICIES } from './loss-policy.ts'
import type { RelayKeyChange, RelayKeyInput, RelayKeyPermissions, RelayKeySettings } from './relay-key.ts'
import type { WireFormat } from './wire-format.ts'

const FORMATS: readonly WireFormat[] = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini']
const MAX_LIST_ENTRIES = 1000
const MAX_RESPONSE_TTL_MS = 30 * 86_400_000
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
    team: input.team === undefined ? undefined : checkName('team', input.team),
    permissions: toPermissions(input.permissions ?? {}),
    maxConcurrency: checkNumber('maxConcurrency', input.maxConcurrency ?? 0, { min: 0, max: 1_000_000 }),
    expiresAt:
      input.expiresAt === undefined
        ? undefined
        : checkNumber('expiresAt', input.expiresAt, { min: 1, max: Number.MAX_SAFE_INTEGER }),
    lossPolicy: checkChoice('lossPolicy', input.lossPolicy ?? 'warn', LOSS_POLICIES),
    responseTtlMs: checkNumber('responseTtlMs', input.responseTtlMs ?? 0, { min: 0, max: MAX_RESPONSE_TTL_MS }),
    enabled: checkBoolean('enabled', input.enabled ?? true),
  }
}

/** The settings after a change; fields that are not there stay, `null` clears. */
export function changeRelayKeySettings(current: RelayKeySettings, change: RelayKeyChange): RelayKeySettings {
  const { team, expiresAt, ...fields } = change
  return toRelayKeySettings({
    ...current,
    ...definedFields(fields),
    team: team === undefined ? current.team : (team ?? undefined),
    expiresAt: expiresAt === undefined ? current.expiresAt : (expiresAt ?? undefined),
  })
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

function toPermissions(value: RelayKeyPermissions): RelayKeyPermissions {
  const { formats, models, accounts } = checkObject('permissions', value)
  return {
    formats:
      formats === undefined
        ? undefined
        : checkTexts('permissions.formats', formats, FORMATS.length).map((format) =>
            checkChoice('permissions.formats', format, FORMATS),
          ),
    models: models === undefined ? undefined : checkTexts('permissions.models', models, MAX_LIST_ENTRIES),
    accounts: accounts === undefined ? undefined : checkTexts('permissions.accounts', accounts, MAX_LIST_ENTRIES),
  }
}
