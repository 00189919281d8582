import type { AccountInput } from '../account.ts'
import { applyBudgetHolders } from '../declaration/apply-budget-holders.ts'
import { rethrowAt } from '../declaration/config-path.ts'
import { changeOfAccount, readDeclaredAccount } from '../declaration/declared-account.ts'
import { requireDeclared, requireDistinctNames, requireNamedAccount } from '../declaration/declared-names.ts'
import { checkDeclaredSecret, toRelayKeySettings } from '../relay-key-settings.ts'
import type { DeclaredRelayKey, RelayKeySettings } from '../relay-key.ts'
import { mergeSettings, readManagedBy, readSettings } from '../rows/account-rows.ts'
import { readKeySettings, toRelayKey } from '../rows/relay-key-rows.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import type { ConfigDeclaration, ConfigOutcome, ConfigRoom } from '../store/config-room.ts'
import type { AccountWriter } from './account-writer.ts'
import { createAccountWriter } from './account-writer.ts'
import { openHolders } from './budget-holders.ts'
import type { RedisContext } from './context.ts'
import type { RelayKeyWriter } from './relay-key-writer.ts'
import { createRelayKeyWriter } from './relay-key-writer.ts'
import { transact } from './transaction.ts'

/** The configuration file's objects in Redis. */
export function createConfigRoom(
  context: RedisContext,
  shortenResponses: (keyId: string, ttlMs: number) => Promise<void>,
): ConfigRoom {
  async function applyConfig(declaration: ConfigDeclaration): Promise<ConfigOutcome> {
    requireDistinctNames('accounts', declaration.accounts)
    requireDistinctNames('keys', declaration.relayKeys)
    const { outcome, changedKeys } = await transact(context, 'config-guard', async (transaction) => {
      const step: Step = {
        context,
        accounts: createAccountWriter(context, transaction),
        relayKeys: createRelayKeyWriter(context, transaction),
        outcome: { created: [], updated: [], disabled: [] },
        changedKeys: [],
      }
      applyBudgetHolders(await openHolders(context, transaction), declaration.budgetHolders ?? [], step.outcome)
      await applyAccounts(step, declaration.accounts)
      await applyRelayKeys(step, declaration.relayKeys)
      return step
    })
    for (const row of changedKeys) await shortenResponses(readText(row, 'id'), readKeySettings(row).responseTtlMs)
    return outcome
  }

  return { applyConfig }
}

interface Step {
  readonly context: RedisContext
  readonly accounts: AccountWriter
  readonly relayKeys: RelayKeyWriter
  readonly outcome: { readonly created: string[]; readonly updated: string[]; readonly disabled: string[] }
  readonly changedKeys: Row[]
}

async function applyAccounts(step: Step, declared: readonly AccountInput[]): Promise<void> {
  await disableLeftAccounts(step, declared)
  for (const [index, input] of declared.entries()) {
    await atPath(`accounts[${index}]`, async () => applyAccount(step, input))
  }
}

async function applyAccount({ context, accounts, outcome }: Step, input: AccountInput): Promise<void> {
  const declared = readDeclaredAccount(input)
  const { settings, credential, proxyPassword } = declared
  const row = await accounts.findByName(settings.name)
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

async function disableLeftAccounts({ accounts, outcome }: Step, declared: readonly AccountInput[]): Promise<void> {
  const names = new Set(declared.map((input) => input.name))
  for (const row of (await accounts.list()).filter((each) => readManagedBy(each) === 'config')) {
    const settings = readSettings(row)
    if (names.has(settings.name) || !settings.enabled) continue
    accounts.update(row, { ...settings, enabled: false }, { credential: undefined, proxyPassword: undefined })
    outcome.disabled.push(settings.name)
  }
}

async function applyRelayKeys(step: Step, declared: readonly DeclaredRelayKey[]): Promise<void> {
  const before = (await step.relayKeys.list()).filter((row) => readManagedBy(row) === 'config')
  const byName = await releaseSecrets(step, before, declared)
  for (const [index, input] of declared.entries()) {
    await atPath(`keys[${index}]`, async () => applyRelayKey(step, input, byName.get(input.name)))
  }
}

/** @param before - the key as the file declared it before, a revoked one too */
async function applyRelayKey(step: Step, input: DeclaredRelayKey, before: Row | undefined): Promise<void> {
  const { relayKeys, outcome } = step
  const settings = await resolveAccountNames(step, toRelayKeySettings(input))
  const secret = checkDeclaredSecret(input.secret)
  const named = await relayKeys.findByName(settings.name)
  if (named !== undefined) requireDeclared(named, 'relay key')
  if (before === undefined) {
    await relayKeys.setSecret(relayKeys.insert(settings, { managedBy: 'config' }), secret)
    outcome.created.push(settings.name)
    return
  }
  const holder = await relayKeys.findBySecret(secret)
  const isSameSecret = holder !== undefined && readText(holder, 'id') === readText(before, 'id')
  const isLive = toRelayKey(before).revokedAt === undefined
  if (isSameSecret && isLive && mergeSettings(before, settings) === readText(before, 'settings')) return
  const live = isLive ? before : relayKeys.setRevoked(before, undefined)
  const updated = relayKeys.update(live, settings)
  step.changedKeys.push(updated)
  if (!isSameSecret) await relayKeys.setSecret(updated, secret)
  outcome.updated.push(settings.name)
}

/**
 * Takes away every secret that the file no longer gives to that very key, so that one can move to a key of another name.
 *
 * @returns the keys by name, as they are now
 */
async function releaseSecrets(
  { relayKeys, outcome }: Step,
  before: readonly Row[],
  declared: readonly DeclaredRelayKey[],
): Promise<ReadonlyMap<string, Row>> {
  const secrets = new Map(declared.map((input) => [input.name, input.secret]))
  const byName = new Map<string, Row>()
  for (const row of before) {
    const settings = readKeySettings(row)
    const secret = secrets.get(settings.name)
    const holder = secret === undefined ? undefined : await relayKeys.findBySecret(secret)
    const isKept = holder !== undefined && readText(holder, 'id') === readText(row, 'id')
    const bare = isKept ? row : relayKeys.removeSecrets(row)
    const isLeft = secret === undefined && settings.enabled
    byName.set(settings.name, isLeft ? relayKeys.update(bare, { ...settings, enabled: false }) : bare)
    if (isLeft) outcome.disabled.push(settings.name)
  }
  return byName
}

async function resolveAccountNames({ accounts }: Step, settings: RelayKeySettings): Promise<RelayKeySettings> {
  const names = settings.permissions.accounts
  if (names === undefined) return settings
  const ids: string[] = []
  for (const name of names) {
    ids.push(requireNamedAccount((await accounts.findByName(name)) ?? (await accounts.find(name)), name))
  }
  return { ...settings, permissions: { ...settings.permissions, accounts: ids } }
}

/** Puts the place in the file in front of what is wrong with it. */
async function atPath(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    rethrowAt(path, error)
  }
}
