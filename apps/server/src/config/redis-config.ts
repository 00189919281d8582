import { readFileSync } from 'node:fs'

import type { RedisAccess, RedisConnection } from '@relay/account-store'

import { type Environment, readVariable } from './environment.ts'
import type { RedisAddressText, RedisUrl } from './redis-address.ts'
import { settings } from './settings.ts'

/** What the variables about Redis say, each on its own. */
export interface RedisValues {
  readonly redisUrl: RedisUrl | undefined
  readonly redisHost: string | undefined
  readonly redisPort: number | undefined
  readonly redisUsername: string | undefined
  readonly redisPassword: string | undefined
  readonly redisDb: number | undefined
  readonly redisTls: 'true' | 'false' | undefined
  readonly redisTlsCa: string | undefined
  readonly redisSentinels: readonly RedisAddressText[] | undefined
  readonly redisSentinelName: string | undefined
  readonly redisSentinelPassword: string | undefined
  readonly redisCluster: readonly RedisAddressText[] | undefined
}

const DEFAULT_PORT = 6379

/**
 * Puts together what the variables about Redis say.
 *
 * @param mistakes - gets a line for everything that does not go together; never a password
 * @returns `undefined` where none of them names a server: then the embedded store is used
 */
export function readRedis(values: RedisValues, mistakes: string[]): RedisConnection | undefined {
  const ways = placesOf(values)
  const [way] = ways
  if (ways.length > 1) {
    mistakes.push(`${ways.join(', ')}: each names a Redis; keep one of them`)
    return undefined
  }
  if (way === undefined) return undefined
  const access = accessOf(values, mistakes)
  switch (way) {
    case 'REDIS_URL':
      return urlConnection(values.redisUrl, values.redisDb, access)
    case 'REDIS_HOST':
      return hostConnection(values, access)
    case 'REDIS_SENTINELS':
      return sentinelConnection(values, access)
    case 'REDIS_CLUSTER':
      if ((values.redisDb ?? 0) !== 0) mistakes.push('REDIS_DB: a Redis Cluster has only database 0')
      return { kind: 'cluster', nodes: values.redisCluster ?? [], ...access }
  }
}

type RedisWay = 'REDIS_URL' | 'REDIS_HOST' | 'REDIS_SENTINELS' | 'REDIS_CLUSTER'

function placesOf({ redisUrl, redisHost, redisSentinels, redisCluster }: RedisValues): readonly RedisWay[] {
  const places: readonly (readonly [RedisWay, boolean])[] = [
    ['REDIS_URL', redisUrl !== undefined],
    ['REDIS_HOST', redisHost !== undefined],
    ['REDIS_SENTINELS', (redisSentinels ?? []).length > 0],
    ['REDIS_CLUSTER', (redisCluster ?? []).length > 0],
  ]
  return places.filter(([, isSet]) => isSet).map(([name]) => name)
}

/**
 * Whoever sets a variable about Redis does not mean the embedded store, though no Redis is named.
 *
 * @returns the mistake; none where any variable, be it a bad one, says where Redis is
 */
export function findUnnamedRedis(environment: Environment): readonly string[] {
  const isSaid = (name: string): boolean =>
    [name, `${name}_FILE`].some((variable) => readVariable(environment, variable) !== undefined)
  const details = DETAILS.filter(isSaid)
  if (details.length === 0 || WAYS.some(isSaid)) return []
  return [`${details.join(', ')}: set, but no Redis is named; set REDIS_HOST or REDIS_URL, too`]
}

const WAYS: readonly RedisWay[] = ['REDIS_URL', 'REDIS_HOST', 'REDIS_SENTINELS', 'REDIS_CLUSTER']

const DETAILS = Object.values(settings)
  .map(({ name }) => name)
  .filter((name) => name.startsWith('REDIS_') && !WAYS.some((way) => way === name))

function urlConnection(url: RedisUrl | undefined, db: number | undefined, access: RedisAccess): RedisConnection {
  const address = url?.address ?? { host: '', port: DEFAULT_PORT }
  return { kind: 'standalone', address, db: url?.db ?? db ?? 0, ...access }
}

function hostConnection({ redisHost, redisPort, redisDb }: RedisValues, access: RedisAccess): RedisConnection {
  const address = { host: redisHost ?? '', port: redisPort ?? DEFAULT_PORT }
  return { kind: 'standalone', address, db: redisDb ?? 0, ...access }
}

function sentinelConnection(values: RedisValues, access: RedisAccess): RedisConnection {
  return {
    kind: 'sentinel',
    sentinels: values.redisSentinels ?? [],
    masterName: values.redisSentinelName ?? 'mymaster',
    sentinelPassword: values.redisSentinelPassword,
    db: values.redisDb ?? 0,
    ...access,
  }
}

function accessOf(values: RedisValues, mistakes: string[]): RedisAccess {
  const { redisUrl, redisUsername, redisPassword } = values
  if (redisUrl?.password !== undefined && redisPassword !== undefined) {
    mistakes.push('REDIS_URL, REDIS_PASSWORD: both hold a password; keep one of them')
  }
  return {
    username: redisUrl?.username ?? redisUsername,
    password: redisUrl?.password ?? redisPassword,
    tls: isEncrypted(values) ? { ca: readCa(values.redisTlsCa, mistakes) } : undefined,
  }
}

function isEncrypted({ redisUrl, redisTls, redisTlsCa }: RedisValues): boolean {
  return redisUrl?.isEncrypted === true || redisTls === 'true' || redisTlsCa !== undefined
}

function readCa(path: string | undefined, mistakes: string[]): string | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    mistakes.push(`REDIS_TLS_CA: ${JSON.stringify(path)} cannot be read (${code})`)
    return undefined
  }
}
