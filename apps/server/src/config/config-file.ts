import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

import type { AccountInput, ConfigDeclaration, DeclaredRelayKey } from '@relay/account-store'
import { parse as findErrors, printParseErrorCode } from 'jsonc-parser'
import type { ParseError } from 'jsonc-parser'

import { accountTrouble, defaultBaseUrl } from './account-trouble.ts'
import { ConfigError } from './config-error.ts'
import type { FileAccount, FileKey } from './config-file-schema.ts'
import { configFileSchema } from './config-file-schema.ts'
import type { Config } from './config.ts'
import { describeIssue } from './describe-issue.ts'
import type { Environment } from './environment.ts'
import { toPlainJson } from './plain-json.ts'
import { profileTroubles } from './profile-troubles.ts'
import type { RoutingSettings } from './routing-settings.ts'
import { ruleTroubles } from './rule-troubles.ts'
import { formatPath, substituteVariables } from './substitute-variables.ts'

/** What a configuration file declares. */
export interface FileDeclaration extends ConfigDeclaration {
  /** Conversion rules for all accounts. */
  readonly rules: Readonly<Record<string, unknown>> | undefined
  readonly routing: RoutingSettings | undefined
}

/** Read when no other configuration file is named and it is there. */
const DEFAULT_CONFIG_FILE = 'relay.config.json'

const MAX_FILE_BYTES = 1024 * 1024

/**
 * Finds the configuration file of a start.
 *
 * @param asked - the path given with `--config`; it wins over `RELAY_CONFIG`
 * @returns an absolute path; `undefined` when none was named and there is none in the working folder
 */
export function findConfigFile(config: Config, asked: string | undefined): string | undefined {
  const named = asked ?? config.configFile
  if (named !== undefined) return resolve(named)
  const usual = resolve(DEFAULT_CONFIG_FILE)
  return statSync(usual, { throwIfNoEntry: false }) === undefined ? undefined : usual
}

/**
 * Reads, fills in and checks a configuration file.
 *
 * @throws ConfigError with all mistakes, each with its path in the file; never with a value of a variable or a secret
 */
export function readConfigFile(path: string, environment: Environment): FileDeclaration {
  const document = parseDocument(path, readText(path))
  const { value, mistakes } = substituteVariables(document, environment)
  if (mistakes.length > 0) throw refusal(path, mistakes)
  const parsed = configFileSchema.safeParse(value)
  if (!parsed.success) {
    throw refusal(
      path,
      parsed.error.issues.flatMap((issue) => describeIssue(issue, document)),
    )
  }
  const { accounts, keys, owners, teams, rules, routing } = parsed.data
  const troubles = [
    ...accounts.flatMap(troublesOf),
    ...repeatedNames('accounts', accounts),
    ...repeatedNames('keys', keys),
    ...repeatedNames('owners', owners),
    ...repeatedNames('teams', teams),
    ...ruleTroubles(rules).map((trouble) => `${formatPath(['rules', ...trouble.path])}: ${trouble.message}`),
  ]
  if (troubles.length > 0) throw refusal(path, troubles)
  const budgetHolders = [
    ...owners.map((owner) => ({ kind: 'owner', ...owner }) as const),
    ...teams.map((team) => ({ kind: 'team', ...team }) as const),
  ]
  return {
    rules,
    routing,
    accounts: accounts.map((account, index) => toAccountInput(path, account, index)),
    relayKeys: keys.map(toDeclaredKey),
    budgetHolders,
  }
}

/** The error for what the store says against a declaration: its messages begin with the path in the file. */
export function refusal(path: string, mistakes: readonly string[], cause?: unknown): ConfigError {
  return new ConfigError(`${path} cannot be used`, mistakes, { cause })
}

function readText(path: string): string {
  try {
    const { size } = statSync(path)
    if (size > MAX_FILE_BYTES) throw refusal(path, [`the file has ${size} bytes, allowed are ${MAX_FILE_BYTES}`])
    // A byte order mark is what some editors leave behind.
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw refusal(
      path,
      [`the file cannot be read (${code}); check the path given with --config or RELAY_CONFIG`],
      error,
    )
  }
}

function parseDocument(path: string, text: string): unknown {
  const errors: ParseError[] = []
  findErrors(text, errors, { allowTrailingComma: true })
  const first = errors[0]
  if (first !== undefined) throw refusal(path, [describeSyntax(text, first)])
  // The parser's own result is not used: it assigns `__proto__` by name.
  const document: unknown = JSON.parse(toPlainJson(text))
  return document
}

/** Says where and what, without quoting the line: it may hold a secret. */
function describeSyntax(text: string, error: ParseError): string {
  const before = text.slice(0, error.offset).split('\n')
  const column = (before.at(-1)?.length ?? 0) + 1
  const what = printParseErrorCode(error.error)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
  return `line ${before.length}, column ${column}: not valid JSON (${what})`
}

function troublesOf(account: FileAccount, index: number): readonly string[] {
  const trouble = accountTrouble(account)
  const troubles = [
    ...(trouble === undefined ? [] : [{ path: [trouble.field], message: trouble.message }]),
    ...profileTroubles(account.profile ?? {}).map(({ path, message }) => ({ path: ['profile', ...path], message })),
    ...ruleTroubles(account.rules).map(({ path, message }) => ({ path: ['rules', ...path], message })),
  ]
  return troubles.map(({ path, message }) => `${formatPath(['accounts', index, ...path])}: ${message}`)
}

function repeatedNames(list: string, entries: readonly { readonly name: string }[]): readonly string[] {
  return entries.flatMap(({ name }, index) => {
    const earlier = entries.findIndex((entry) => entry.name === name)
    return earlier === index ? [] : [`${list}[${index}].name: is the name of ${list}[${earlier}] too; names are unique`]
  })
}

function toAccountInput(path: string, account: FileAccount, index: number): AccountInput {
  const { acceptedLosses, expiresAt, tlsCaFile, ...fields } = account
  return {
    ...fields,
    ...(acceptedLosses === undefined
      ? {}
      : { acceptedLosses: acceptedLosses.map(({ at, ...loss }) => ({ ...loss, at: Date.parse(at) })) }),
    ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) }),
    ...(tlsCaFile === undefined ? {} : { tlsCa: readCertificates(path, tlsCaFile, index) }),
    // `accountTrouble` has refused an account that has neither.
    baseUrl: account.baseUrl ?? defaultBaseUrl(account.type) ?? '',
  }
}

/** @param file - from the folder of the configuration file, unless it is absolute */
function readCertificates(path: string, file: string, index: number): string {
  try {
    return readFileSync(resolve(dirname(path), file), 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw refusal(path, [`accounts[${index}].tlsCaFile: the file cannot be read (${code})`], error)
  }
}

function toDeclaredKey({ expiresAt, ...key }: FileKey): DeclaredRelayKey {
  return { ...key, ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) }) }
}
