import type { AccountInput } from '../account.ts'
import { hashSecret } from '../crypto/key-hash.ts'
import type { MutableOutcome } from '../declaration/apply-budget-holders.ts'
import { applyBudgetHolders } from '../declaration/apply-budget-holders.ts'
import { atPath } from '../declaration/config-path.ts'
import { changeOfAccount, readDeclaredAccount } from '../declaration/declared-account.ts'
import { requireDeclared, requireDistinctNames, requireNamedAccount } from '../declaration/declared-names.ts'
import { checkDeclaredSecret, toRelayKeySettings } from '../relay-key-settings.ts'
import type { DeclaredRelayKey, RelayKeySettings } from '../relay-key.ts'
import { mergeSettings, readManagedBy, readSettings } from '../rows/account-rows.ts'
import { readKeySettings, toRelayKey } from '../rows/relay-key-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import type { ConfigDeclaration, ConfigOutcome, ConfigRoom } from '../store/config-room.ts'
import type { AccountTable } from './account-table.ts'
import type { BudgetHolders } from './budget-holders.ts'
import type { StoreContext } from './context.ts'
import type { RelayKeyTable } from './relay-key-table.ts'

/** What a declaration is applied to. */
export interface ConfigRoomParts {
  readonly context: StoreContext
  readonly accounts: AccountTable
  readonly relayKeys: RelayKeyTable
  readonly holders: Pick<BudgetHolders, 'findRow' | 'put' | 'listManagedByConfig'>
}

/** The configuration file's objects in the embedded store. */
export function createConfigRoom(parts: ConfigRoomParts): ConfigRoom {
  async function applyConfig(declaration: ConfigDeclaration): Promise<ConfigOutcome> {
    requireDistinctNames('accounts', declaration.accounts)
    requireDistinctNames('keys', declaration.relayKeys)
    const outcome = { created: [], updated: [], disabled: [] }
    parts.context.durable.transaction(() => {
      applyAccounts(parts, declaration.accounts, outcome)
      applyRelayKeys(parts, declaration.relayKeys, outcome)
      applyBudgetHolders(parts.holders, declaration.budgetHolders ?? [], outcome)
    })
    return outcome
  }

  return { applyConfig }
}

function applyAccounts(parts: ConfigRoomParts, declared: readonly AccountInput[], outcome: MutableOutcome): void {
  disableLeftAccounts(parts, declared, outcome)
  for (const [index, input] of declared.entries()) {
    atPath(`accounts[${index}]`, () => applyAccount(parts, input, outcome))
  }
}

function applyAccount({ context, accounts }: ConfigRoomParts, input: AccountInput, outcome: MutableOutcome): void {
  const declared = readDeclaredAccount(input)
  const { settings, credential, proxyPassword } = declared
  const row = accounts.findByName(settings.name)
  if (row === undefined) {
    accounts.insert(settings, { managedBy: 'config', credential, proxyPassword })
    outcome.created.push(settings.name)
    return
  }
  const secrets = changeOfAccount(context.box, row, declared)
  if (secrets === undefined) return
  accounts.update(row, settings, secrets)
  outcome.updated.push(settings.name)
}

function disableLeftAccounts(parts: ConfigRoomParts, declared: readonly AccountInput[], outcome: MutableOutcome): void {
  const names = new Set(declared.map((input) => input.name))
  for (const row of parts.accounts.listManagedByConfig()) {
    const settings = readSettings(row)
    if (names.has(settings.name) || !settings.enabled) continue
    parts.accounts.update(row, { ...settings, enabled: false }, { credential: undefined, proxyPassword: undefined })
    outcome.disabled.push(settings.name)
  }
}

function applyRelayKeys(parts: ConfigRoomParts, declared: readonly DeclaredRelayKey[], outcome: MutableOutcome): void {
  const before = parts.relayKeys.list().filter((row) => readManagedBy(row) === 'config')
  releaseSecrets(parts, { before, declared, outcome })
  const byName = new Map(before.map((row) => [readText(row, 'name'), row]))
  for (const [index, input] of declared.entries()) {
    atPath(`keys[${index}]`, () => applyRelayKey(parts, { input, before: byName.get(input.name), outcome }))
  }
}

interface KeyStep {
  readonly input: DeclaredRelayKey
  /** The key as the file declared it before, a revoked one too. */
  readonly before: Row | undefined
  readonly outcome: MutableOutcome
}

function applyRelayKey(parts: ConfigRoomParts, { input, before, outcome }: KeyStep): void {
  const { relayKeys, context } = parts
  const settings = resolveAccountNames(parts, toRelayKeySettings(input))
  const secret = checkDeclaredSecret(input.secret)
  const named = relayKeys.findByName(settings.name)
  if (named !== undefined) requireDeclared(named, 'relay key')
  if (before === undefined) {
    relayKeys.insert(settings, { managedBy: 'config', secret })
    outcome.created.push(settings.name)
    return
  }
  const id = readText(before, 'id')
  const holder = relayKeys.findByDigest(hashSecret(context.pepper, secret))
  const isSameSecret = holder !== undefined && readText(holder.row, 'id') === id
  const isLive = toRelayKey(before).revokedAt === undefined
  if (isSameSecret && isLive && mergeSettings(before, settings) === readText(before, 'settings')) return
  if (!isLive) relayKeys.setRevoked(id, undefined)
  relayKeys.update(before, settings)
  if (!isSameSecret) relayKeys.setSecret(id, secret)
  outcome.updated.push(settings.name)
}

interface SecretRelease {
  readonly before: readonly Row[]
  readonly declared: readonly DeclaredRelayKey[]
  readonly outcome: MutableOutcome
}

/** Takes away every secret that the file no longer gives to that very key, so that one can move to a key of another name. */
function releaseSecrets({ relayKeys, context }: ConfigRoomParts, { before, declared, outcome }: SecretRelease): void {
  const secrets = new Map(declared.map((input) => [input.name, input.secret]))
  for (const row of before) {
    const settings = readKeySettings(row)
    const secret = secrets.get(settings.name)
    const holder = secret === undefined ? undefined : relayKeys.findByDigest(hashSecret(context.pepper, secret))
    const isKept = holder !== undefined && readText(holder.row, 'id') === readText(row, 'id')
    if (!isKept) relayKeys.removeSecrets(readText(row, 'id'))
    if (secret !== undefined || !settings.enabled) continue
    relayKeys.update(row, { ...settings, enabled: false })
    outcome.disabled.push(settings.name)
  }
}

function resolveAccountNames({ accounts }: ConfigRoomParts, settings: RelayKeySettings): RelayKeySettings {
  const names = settings.permissions.accounts
  if (names === undefined) return settings
  const ids = names.map((name) => requireNamedAccount(accounts.findByName(name) ?? accounts.find(name), name))
  return { ...settings, permissions: { ...settings.permissions, accounts: ids } }
}
