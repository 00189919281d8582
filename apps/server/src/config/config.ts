import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

import type { RedisConnection } from '@relay/account-store'
import type * as z from 'zod'

import { ConfigError } from './config-error.ts'
import { type Environment, readVariable } from './environment.ts'
import { findUnnamedRedis, readRedis } from './redis-config.ts'
import { MAKE_SECRET_COMMAND, weaknessOf } from './secret-strength.ts'
import { readSecret } from './secret-variable.ts'
import type { Secrets } from './secrets-file.ts'
import { makeSecretsFile, readSecretsFile, secretsFilePath } from './secrets-file.ts'
import type { SecretName } from './settings.ts'
import { SECRET_NAMES, settings } from './settings.ts'

type Settings = typeof settings
type SettingName = keyof Settings
type ValueOf<Name extends SettingName> = z.output<Settings[Name]['schema']>

/** Everything the environment decides, checked and frozen. */
export interface Config {
  readonly port: number
  readonly host: string
  /** Absolute. */
  readonly dataDir: string
  /** Absolute path of the embedded store. */
  readonly storeFile: string
  /** The Redis that several nodes share; `undefined` = the embedded store. */
  readonly redis: RedisConnection | undefined
  /** Beginning of every key in Redis. */
  readonly redisNamespace: string
  /** While Redis is away every request is refused. */
  readonly isStoreStrict: boolean
  /** Absolute path of the folder for usage records that cannot be written now. */
  readonly queueFolder: string
  readonly jwtSecret: string
  readonly encryptionKey: string
  readonly environment: ValueOf<'environment'>
  readonly isProduction: boolean
  readonly logLevel: ValueOf<'logLevel'>
  /** Addresses and networks of proxies whose `X-Forwarded-For` counts; empty = nobody's. */
  readonly trustProxy: readonly string[]
  /** Entries for the network guard, see `createNetworkGuard` of @relay/upstreams. */
  readonly allowPrivate: readonly string[]
  /** The configuration file that was asked for; `undefined` = `./relay.config.json` if there is one. */
  readonly configFile: string | undefined
  /** A file of prices of the operator's own. */
  readonly pricesFile: string | undefined
  /** Lower-case names of headers that are kept as tags. */
  readonly tagHeaders: readonly string[]
  /** Processes that serve the port. */
  readonly workers: number
  /** Memory that all of them may use; 0 = what there is. */
  readonly memoryLimitBytes: number
  /** Daily backups that are kept; 0 = none is made. */
  readonly backupsKept: number
  readonly metricsPort: number | undefined
  readonly metricsToken: string | undefined
}

/** What reading the environment gives; a value that cannot be used is missing and in the list of mistakes. */
type Values = { readonly [Name in SettingName]: ValueOf<Name> | undefined }

/** The same without a mistake: what has a default is there. */
type GoodValues = Values & { readonly [Name in RequiredName]: ValueOf<Name> }
type RequiredName =
  | 'port'
  | 'host'
  | 'dataDir'
  | 'environment'
  | 'logLevel'
  | 'trustProxy'
  | 'allowPrivate'
  | 'tagHeaders'
  | 'backupsKept'
  | 'workers'
  | 'redisNamespace'
  | 'storeAway'

/** Name of the embedded store's file inside the data folder. */
const STORE_FILE = 'relay.db'
/** Name of the folder beside it for usage records that cannot be written now. */
const QUEUE_FOLDER = 'usage-queue'

/**
 * Reads the environment into one frozen object.
 *
 * Outside production, missing secrets are made once and kept in `DATA_DIR/secrets.json`.
 *
 * @throws ConfigError with all mistakes in one message
 */
export function readConfig(environment: Environment): Config {
  const checked = readChecked(environment)
  const { given, dataDir } = checked
  return freeze(checked, completeSecrets(given, dataDir) ?? makeFirstSecrets(given, dataDir))
}

/**
 * The same without writing anything.
 *
 * @returns `undefined` where a start would make the first secrets of a data folder
 * @throws ConfigError with all mistakes in one message
 */
export function peekConfig(environment: Environment): Config | undefined {
  const checked = readChecked(environment)
  const secrets = completeSecrets(checked.given, checked.dataDir)
  return secrets === undefined ? undefined : freeze(checked, secrets)
}

interface Checked {
  readonly values: GoodValues
  readonly given: GivenSecrets
  readonly dataDir: string
  readonly redis: RedisConnection | undefined
}

function readChecked(environment: Environment): Checked {
  const mistakes: string[] = []
  const values = readValues(environment, mistakes)
  const dataDir = resolve(values.dataDir ?? '')
  const given = { JWT_SECRET: values.jwtSecret, ENCRYPTION_KEY: values.encryptionKey }
  if (values.environment === 'production') mistakes.push(...missingSecrets(given, dataDir))
  mistakes.push(...badSecrets(given))
  mistakes.push(...findUnnamedRedis(environment))
  const redis = readRedis(values, mistakes)
  if (mistakes.length > 0) throw new ConfigError(subjectOf(mistakes), mistakes)
  // Sound: the rows of `RequiredName` have a default, so that they are missing only with a mistake.
  return { values: values as GoodValues, given, dataDir, redis }
}

function readValues(environment: Environment, mistakes: string[]): Values {
  const read = <Name extends SettingName>(key: Name): ValueOf<Name> | undefined => {
    const { name, fallback, isSecret, schema } = settings[key]
    const text = (isSecret ? readSecret(environment, name, mistakes) : readVariable(environment, name)) ?? fallback
    if (text === undefined) return undefined
    const parsed = schema.safeParse(text)
    // Sound: `schema` is the schema of `key`, which the compiler loses in the union of all rows.
    if (parsed.success) return parsed.data as ValueOf<Name>
    // An address with somebody's password in front of it is shown to nobody, wherever it was put.
    const isPrivate = isSecret || text.includes('@')
    const shown = isPrivate ? '' : `${JSON.stringify(text.slice(0, 200))} `
    mistakes.push(`${name}: ${shown}${parsed.error.issues[0]?.message ?? 'cannot be used'}`)
    return undefined
  }
  return {
    port: read('port'),
    host: read('host'),
    dataDir: read('dataDir'),
    redisUrl: read('redisUrl'),
    redisHost: read('redisHost'),
    redisPort: read('redisPort'),
    redisUsername: read('redisUsername'),
    redisPassword: read('redisPassword'),
    redisDb: read('redisDb'),
    redisTls: read('redisTls'),
    redisTlsCa: read('redisTlsCa'),
    redisSentinels: read('redisSentinels'),
    redisSentinelName: read('redisSentinelName'),
    redisSentinelPassword: read('redisSentinelPassword'),
    redisCluster: read('redisCluster'),
    redisNamespace: read('redisNamespace'),
    storeAway: read('storeAway'),
    jwtSecret: read('jwtSecret'),
    encryptionKey: read('encryptionKey'),
    environment: read('environment'),
    logLevel: read('logLevel'),
    trustProxy: read('trustProxy'),
    allowPrivate: read('allowPrivate'),
    configFile: read('configFile'),
    pricesFile: read('pricesFile'),
    tagHeaders: read('tagHeaders'),
    workers: read('workers'),
    memoryMb: read('memoryMb'),
    backupsKept: read('backupsKept'),
    metricsPort: read('metricsPort'),
    metricsToken: read('metricsToken'),
  }
}

type GivenSecrets = Readonly<Record<SecretName, string | undefined>>

function missingSecrets(given: GivenSecrets, dataDir: string): readonly string[] {
  const way = existsSync(secretsFilePath(dataDir))
    ? `take the one in ${secretsFilePath(dataDir)}, which this data folder was made with`
    : `make one with: ${MAKE_SECRET_COMMAND}`
  return SECRET_NAMES.filter((name) => given[name] === undefined).map(
    (name) => `${name}: is missing, and in production it is never made by itself; ${way}`,
  )
}

function badSecrets(given: GivenSecrets): readonly string[] {
  const mistakes = SECRET_NAMES.flatMap((name) => {
    const secret = given[name]
    const weakness = secret === undefined ? undefined : weaknessOf(secret)
    return weakness === undefined ? [] : [`${name}: ${weakness}; make a good one with: ${MAKE_SECRET_COMMAND}`]
  })
  const { JWT_SECRET: jwtSecret, ENCRYPTION_KEY: encryptionKey } = given
  if (jwtSecret !== undefined && jwtSecret === encryptionKey) {
    mistakes.push(`JWT_SECRET, ENCRYPTION_KEY: are equal; make one of them anew with: ${MAKE_SECRET_COMMAND}`)
  }
  return mistakes
}

/** Fills in what was made for this data folder; `undefined` when something is missing and nothing was made yet. */
function completeSecrets(given: GivenSecrets, dataDir: string): Secrets | undefined {
  const { JWT_SECRET: jwtSecret, ENCRYPTION_KEY: encryptionKey } = given
  if (jwtSecret !== undefined && encryptionKey !== undefined) {
    return { JWT_SECRET: jwtSecret, ENCRYPTION_KEY: encryptionKey }
  }
  const made = readSecretsFile(dataDir)
  if (made === undefined) return undefined
  const complete = { JWT_SECRET: jwtSecret ?? made.JWT_SECRET, ENCRYPTION_KEY: encryptionKey ?? made.ENCRYPTION_KEY }
  const mistakes = badSecrets(complete)
  if (mistakes.length > 0) throw new ConfigError(`The secrets in ${secretsFilePath(dataDir)} cannot be used`, mistakes)
  return complete
}

function makeFirstSecrets(given: GivenSecrets, dataDir: string): Secrets {
  // A new key would not open what is there, and it would hide that the right one is lost.
  if (given.ENCRYPTION_KEY === undefined && existsSync(join(dataDir, STORE_FILE))) {
    throw new ConfigError('The key of the data set is missing', [
      `ENCRYPTION_KEY: ${dataDir} holds a data set, but neither the variable nor secrets.json is there; restore the one it was made with`,
    ])
  }
  const made = makeSecretsFile(dataDir)
  return {
    JWT_SECRET: given.JWT_SECRET ?? made.JWT_SECRET,
    ENCRYPTION_KEY: given.ENCRYPTION_KEY ?? made.ENCRYPTION_KEY,
  }
}

function freeze({ values, dataDir, redis }: Checked, secrets: Secrets): Config {
  return Object.freeze({
    port: values.port,
    host: values.host,
    dataDir,
    storeFile: join(dataDir, STORE_FILE),
    redis,
    redisNamespace: values.redisNamespace,
    isStoreStrict: values.storeAway === 'refuse',
    queueFolder: join(dataDir, QUEUE_FOLDER),
    jwtSecret: secrets.JWT_SECRET,
    encryptionKey: secrets.ENCRYPTION_KEY,
    environment: values.environment,
    isProduction: values.environment === 'production',
    logLevel: values.logLevel,
    trustProxy: Object.freeze(values.trustProxy),
    allowPrivate: Object.freeze(values.allowPrivate),
    configFile: values.configFile,
    pricesFile: values.pricesFile,
    tagHeaders: Object.freeze(values.tagHeaders),
    workers: values.workers,
    memoryLimitBytes: (values.memoryMb ?? 0) * 1024 * 1024,
    backupsKept: values.backupsKept,
    metricsPort: values.metricsPort,
    metricsToken: values.metricsToken,
  })
}

function subjectOf(mistakes: readonly string[]): string {
  return mistakes.length === 1 ? 'One setting cannot be used' : `${mistakes.length} settings cannot be used`
}

/** Whether there may be a data set already; of a Redis that is known only when it is asked. */
export function mayHoldData({ redis, storeFile }: Pick<Config, 'redis' | 'storeFile'>): boolean {
  return redis !== undefined || existsSync(storeFile)
}
