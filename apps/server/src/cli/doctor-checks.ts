import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'

import { type AccountStore, StoreError } from '@relay/account-store'

import { ConfigError } from '../config/config-error.ts'
import { findConfigFile, readConfigFile } from '../config/config-file.ts'
import type { Config } from '../config/config.ts'
import { mayHoldData, peekConfig } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { isSecretsFileOpen, secretsFilePath } from '../config/secrets-file.ts'
import { describeStore, openStore } from '../open-store.ts'
import { amount } from './amount.ts'
import { describeTrouble } from './describe-trouble.ts'
import { checkBackups, checkPrices } from './doctor-upkeep.ts'
import { accountStatus } from './views.ts'

/** What a check found. */
export interface Finding {
  readonly check: string
  readonly level: 'ok' | 'warn' | 'fail'
  readonly message: string
}

const OLDEST_NODE = [24, 7] as const
const HEALTH_TIMEOUT_MS = 2000

/** Looks at everything a start needs, in the order in which a start needs it. */
export async function examine(environment: Environment, configFile: string | undefined): Promise<readonly Finding[]> {
  const findings: Finding[] = [checkNode(process.versions.node)]
  let config: Config | undefined
  try {
    config = peekConfig(environment)
  } catch (error) {
    return [...findings, ...failures('settings', error)]
  }
  if (config === undefined) {
    const message = 'no secrets yet; the first start, or init, makes them'
    return [...findings, { check: 'settings', level: 'ok', message }]
  }
  return [
    ...findings,
    { check: 'settings', level: 'ok', message: `${config.environment}, secrets are strong` },
    ...checkSecretsFile(config),
    checkFolder(config),
    ...checkConfigFile(config, { environment, configFile }),
    ...(await checkStore(config)),
    await checkBackups(config),
    await checkPort(config),
    checkGuard(config),
  ]
}

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNew = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
  const needed = isNew ? '' : `; Relay needs ${OLDEST_NODE.join('.')} or newer`
  return { check: 'node', level: isNew ? 'ok' : 'fail', message: `${version}${needed}` }
}

function checkSecretsFile({ dataDir }: Config): readonly Finding[] {
  const path = secretsFilePath(dataDir)
  if (!existsSync(path)) return []
  if (!isSecretsFileOpen(dataDir))
    return [{ check: 'secrets file', level: 'ok', message: `${path}, only its owner reads it` }]
  return [{ check: 'secrets file', level: 'fail', message: `others may read ${path}; run: chmod 600 ${path}` }]
}

function checkFolder({ dataDir }: Config): Finding {
  const check = 'data folder'
  try {
    if (!statSync(dataDir).isDirectory()) return { check, level: 'fail', message: `${dataDir} is no folder` }
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
    return checkRoom(dataDir)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (code === 'ENOENT')
      return { check, level: 'ok', message: `${dataDir} is not there yet; the first start makes it` }
    return {
      check,
      level: 'fail',
      message: `${dataDir} cannot be read and written (${code}); change its owner or DATA_DIR`,
    }
  }
}

/** Nothing can be written below the one, and not for long below the other. */
const NO_ROOM_MB = 10
const LITTLE_ROOM_MB = 500
const MEGABYTE = 1_000_000

function checkRoom(dataDir: string): Finding {
  const { bavail, bsize } = statfsSync(dataDir)
  const freeMb = Math.floor((bavail * bsize) / MEGABYTE)
  const check = 'data folder'
  if (freeMb >= LITTLE_ROOM_MB) return { check, level: 'ok', message: dataDir }
  const level = freeMb < NO_ROOM_MB ? 'fail' : 'warn'
  return { check, level, message: `${dataDir}: only ${freeMb} MB are free on its disk; make room` }
}

interface ConfigFileFacts {
  readonly environment: Environment
  readonly configFile: string | undefined
}

function checkConfigFile(config: Config, facts: ConfigFileFacts): readonly Finding[] {
  const path = findConfigFile(config, facts.configFile)
  if (path === undefined) return []
  try {
    const { accounts, relayKeys } = readConfigFile(path, facts.environment)
    const message = `${path}: ${amount(accounts.length, 'account')}, ${amount(relayKeys.length, 'key')}`
    return [{ check: 'configuration file', level: 'ok', message }]
  } catch (error) {
    return failures('configuration file', error)
  }
}

async function checkStore(config: Config): Promise<readonly Finding[]> {
  if (!mayHoldData(config)) return noStoreYet(config)
  let store: AccountStore | undefined
  const told: Finding[] = []
  // Whoever looks at an older data set opens it, and so upgrades it: that is not kept to ourselves.
  const onDelay = (message: string): number => told.push({ check: 'store', level: 'warn', message })
  try {
    store = await openStore(config, { onDelay, patienceMs: 0, mustExist: true })
    return [...told, ...(await lookAtStore(config, store))]
  } catch (error) {
    return isNewRedis(config, error) ? await noStoreYet(config) : failures('store', error)
  } finally {
    await store?.close()
  }
}

function isNewRedis({ redis }: Config, error: unknown): boolean {
  return redis !== undefined && StoreError.is(error) && error.code === 'not-a-store'
}

async function lookAtStore(config: Config, store: AccountStore): Promise<readonly Finding[]> {
  const { schemaVersion, isReadable, isWritable, advice } = await store.checkHealth()
  const level = isReadable && isWritable ? 'ok' : 'fail'
  const access = isWritable ? 'its key fits' : 'cannot be written to; is the disk or memory full, or is it read-only?'
  const message = `${describeStore(config)}, schema version ${schemaVersion}, ${access}`
  return [
    { check: 'store', level, message },
    ...advice.map((text): Finding => ({ check: 'store', level: 'warn', message: text })),
    ...(await checkAccounts(store)),
    await checkKeys(store),
    await checkPrices(config, store),
  ]
}

async function noStoreYet(config: Config): Promise<readonly Finding[]> {
  const message = `no data set at ${describeStore(config)} yet; the first start makes it`
  return [{ check: 'store', level: 'ok', message }, await checkPrices(config)]
}

async function checkAccounts(store: AccountStore): Promise<readonly Finding[]> {
  const accounts = await store.listAccounts()
  const own = accounts.filter(({ isDemo }) => !isDemo)
  if (own.length === 0)
    return [{ check: 'accounts', level: 'warn', message: 'none but the demo; add one with: account add' }]
  const waiting = own.filter(({ state, enabled }) => enabled && state.attention !== undefined)
  if (waiting.length === 0) return [{ check: 'accounts', level: 'ok', message: String(own.length) }]
  return waiting.map((account) => ({
    check: 'accounts',
    level: 'warn',
    message: `"${account.name}" ${accountStatus(account)}; mend it, then: account test`,
  }))
}

async function checkKeys(store: AccountStore): Promise<Finding> {
  const keys = await store.listRelayKeys()
  if (keys.length > 0) return { check: 'relay keys', level: 'ok', message: String(keys.length) }
  return { check: 'relay keys', level: 'warn', message: 'none; make one with: key create' }
}

async function checkPort(config: Config): Promise<Finding> {
  const { host, port } = config
  const check = 'address'
  const code = await tryToListen(host, port)
  if (code === undefined) return { check, level: 'ok', message: `${host}:${port} is free` }
  if (code !== 'EADDRINUSE') return { check, level: 'fail', message: `${host}:${port} cannot be listened on (${code})` }
  if (await answersHealth(host, port)) return { check, level: 'ok', message: `a server answers on ${host}:${port}` }
  const message = `${host}:${port} is taken by something that is not Relay; choose another one with PORT`
  return { check, level: 'fail', message }
}

/** @returns the error code; `undefined` when the address is free */
async function tryToListen(host: string, port: number): Promise<string | undefined> {
  const server = createServer()
  const outcome = Promise.withResolvers<string | undefined>()
  server.once('error', (error) => outcome.resolve('code' in error ? String(error.code) : error.name))
  server.listen({ host, port }, () => outcome.resolve(undefined))
  const code = await outcome.promise
  if (code === undefined) await new Promise((resolve) => server.close(resolve))
  return code
}

async function answersHealth(host: string, port: number): Promise<boolean> {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}/health`
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) })
    await answer.body?.cancel()
    return answer.ok
  } catch {
    return false // refused, silent, or no HTTP: not ours, which is the answer
  }
}

function checkGuard({ allowPrivate, isProduction }: Config): Finding {
  const listed = allowPrivate.length === 0 ? 'nothing' : allowPrivate.join(', ')
  const loopback = isProduction ? 'loopback must be listed' : 'loopback is allowed outside production'
  return { check: 'network guard', level: 'ok', message: `private addresses allowed: ${listed}; ${loopback}` }
}

function failures(check: string, error: unknown): readonly Finding[] {
  if (error instanceof ConfigError) return error.mistakes.map((message) => ({ check, level: 'fail', message }))
  return [{ check, level: 'fail', message: describeTrouble(error).message }]
}
