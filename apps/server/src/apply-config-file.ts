import { StoreError } from '@relay/account-store'
import type { AccountStore, ConfigDeclaration } from '@relay/account-store'

import { type FileDeclaration, findConfigFile, readConfigFile, refusal } from './config/config-file.ts'
import type { Config } from './config/config.ts'
import type { Environment } from './config/environment.ts'
import type { Log } from './observe/log.ts'
import { ROUTING_SETTINGS } from './relay/choose/stored-routing.ts'
import { hideProxyPassword } from './relay/choose/upstream-routes.ts'
import { RULE_SETTINGS } from './relay/prepare/rule-book.ts'

interface ConfigRooms {
  readonly store: AccountStore
  readonly log: Log
}

/** What a configuration file declares, and where it is. */
export interface FoundFile {
  readonly path: string
  readonly declaration: FileDeclaration
}

/**
 * Reads the configuration file of a start, where there is one: before the store is opened, which makes and seals a new one.
 *
 * @param options - the path given with `--config`, and the variables that the file may name
 * @throws ConfigError for a file that cannot be used
 */
export function readFileOfStart(
  config: Config,
  options: { readonly configFile: string | undefined; readonly environment: Environment },
): FoundFile | undefined {
  const path = findConfigFile(config, options.configFile)
  return path === undefined ? undefined : { path, declaration: readConfigFile(path, options.environment) }
}

/**
 * Puts what the configuration file declares into the store, where there is a file.
 *
 * @throws ConfigError for what the store refuses, StoreError
 */
export async function applyConfigFile({ store, log }: ConfigRooms, file: FoundFile | undefined): Promise<void> {
  if (file === undefined) return warnOfLeftObjects(store, log)
  const { path, declaration } = file
  hideDeclaredSecrets(log, declaration)
  try {
    const { created, updated, disabled } = await store.applyConfig(declaration)
    hideProxyPasswords(log, declaration)
    const { rules, routing } = declaration
    await store.writeSetting(RULE_SETTINGS.file, rules === undefined ? undefined : JSON.stringify(rules))
    await store.writeSetting(ROUTING_SETTINGS.file, routing === undefined ? undefined : JSON.stringify(routing))
    log.info({ path, created, updated, disabled }, 'configuration file applied')
  } catch (error) {
    const isMistake = StoreError.is(error) && ['invalid-input', 'name-taken', 'secret-taken'].includes(error.code)
    throw isMistake ? refusal(path, [error.message], error) : error
  }
}

function hideDeclaredSecrets(log: Log, { accounts, relayKeys }: ConfigDeclaration): void {
  for (const { credential } of accounts) if (credential !== undefined) log.hideSecret(credential)
  for (const { secret } of relayKeys) log.hideSecret(secret)
}

/** Once the store has found that the addresses can be read. */
function hideProxyPasswords(log: Log, { accounts }: ConfigDeclaration): void {
  for (const { proxyUrl } of accounts) if (proxyUrl !== undefined) hideProxyPassword(log, proxyUrl)
}

/** A start without its file is more often a slip than a wish to switch everything off: nothing changes, but it is said. */
async function warnOfLeftObjects(store: AccountStore, log: Log): Promise<void> {
  const objects = [...(await store.listAccounts()), ...(await store.listRelayKeys())]
  const left = objects.filter((object) => object.managedBy === 'config' && object.enabled).map(({ name }) => name)
  if (left.length === 0) return
  log.warn(
    { left },
    'objects from a configuration file stay as they are; this start was given no file (--config, RELAY_CONFIG)',
  )
}
