import type { Account, AccountStore } from '@relay/account-store'

import { RULE_SETTINGS } from '../relay/prepare/rule-book.ts'
import { shadowSetting } from '../relay/prepare/rules-on-trial.ts'
import type { RuleBookEntry, RulePlaceList, RuleVersion } from './contract/index.ts'

type Source = Readonly<Record<string, unknown>>

/** Saved states that are kept of each place; the oldest go. */
const MAX_VERSIONS = 30

/** The rules of one place: those of all accounts, or of one. */
export interface RulePlace {
  readonly place: string
  /** `undefined` for the rules of all accounts. */
  readonly account: Account | undefined
}

/** `undefined` where there is no such account. */
export async function findRulePlace(store: AccountStore, place: string): Promise<RulePlace | undefined> {
  if (place === 'global') return { place, account: undefined }
  const account = await store.getAccount(place)
  return account === undefined ? undefined : { place, account }
}

/** The places that can have rules, and how many they have. */
export async function listRulePlaces(store: AccountStore): Promise<RulePlaceList> {
  const [globals, accounts] = await Promise.all([readRules(store, RULE_SETTINGS.operator), store.listAccounts()])
  const entries = await Promise.all(
    accounts.map(async ({ id, name, rules }) => ({
      place: id,
      accountName: name,
      ruleCount: countRules(rules),
      shadowCount: countRules(await readRules(store, shadowSetting(id))),
    })),
  )
  const shadowCount = countRules(await readRules(store, shadowSetting(undefined)))
  return { places: [{ place: 'global', ruleCount: countRules(globals), shadowCount }, ...entries] }
}

/** All that is known of the rules of a place. */
export async function readRuleBook(store: AccountStore, { place, account }: RulePlace): Promise<RuleBookEntry> {
  const [active, shadow, fromConfig, versions] = await Promise.all([
    account === undefined ? readRules(store, RULE_SETTINGS.operator) : account.rules,
    readRules(store, shadowSetting(account?.id)),
    account === undefined ? readRules(store, RULE_SETTINGS.file) : undefined,
    readVersions(store, place),
  ])
  return {
    place,
    accountName: account?.name,
    active: countRules(active) === 0 ? undefined : active,
    shadow,
    fromConfig,
    isManaged: account?.managedBy === 'config',
    versions: [...versions].toReversed(),
  }
}

/** What is to be saved. */
export interface RuleSave {
  readonly mode: 'active' | 'shadow'
  readonly source: Source | undefined
  readonly note: string
  readonly savedBy: string
  readonly savedAt: number
}

/** Takes rules into use, or into the shadow; what is used is also kept as a version. */
export async function saveRules(store: AccountStore, { place, account }: RulePlace, save: RuleSave): Promise<void> {
  const { mode, source, note, savedBy, savedAt } = save
  const text = source === undefined ? undefined : JSON.stringify(source)
  if (mode === 'shadow') return store.writeSetting(shadowSetting(account?.id), text)
  if (account === undefined) await store.writeSetting(RULE_SETTINGS.operator, text)
  else await store.updateAccount(account.id, { rules: source ?? {} })
  const versions = await readVersions(store, place)
  const number = (versions.at(-1)?.number ?? 0) + 1
  await store.writeSetting(versionSetting(place, number), text)
  const all = [...versions, { number, savedAt, savedBy, note, ruleCount: countRules(source) }]
  for (const { number: oldest } of all.slice(0, -MAX_VERSIONS))
    await store.writeSetting(versionSetting(place, oldest), undefined)
  await store.writeSetting(listSetting(place), JSON.stringify(all.slice(-MAX_VERSIONS)))
}

/** Number of the newest version of a place; 0 when none was saved. */
export async function newestVersion(store: AccountStore, place: string): Promise<number> {
  return (await readVersions(store, place)).at(-1)?.number ?? 0
}

/** What was saved as a version; `undefined` when there is no such version, `{}` when no rules were. */
export async function readVersion(store: AccountStore, place: string, number: number): Promise<Source | undefined> {
  const versions = await readVersions(store, place)
  if (!versions.some((version) => version.number === number)) return undefined
  return (await readRules(store, versionSetting(place, number))) ?? {}
}

async function readVersions(store: AccountStore, place: string): Promise<readonly RuleVersion[]> {
  const text = await store.readSetting(listSetting(place))
  return text === undefined ? [] : (JSON.parse(text) as readonly RuleVersion[]) // written by `saveRules`
}

async function readRules(store: AccountStore, setting: string): Promise<Record<string, unknown> | undefined> {
  const text = await store.readSetting(setting)
  return text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>) // was an object when it was saved
}

function countRules(source: Source | undefined): number {
  const rules = source?.['rules']
  return Array.isArray(rules) ? rules.length : 0
}

function listSetting(place: string): string {
  return `rules.versions.${place}`
}

function versionSetting(place: string, number: number): string {
  return `rules.version.${place}.${number}`
}
