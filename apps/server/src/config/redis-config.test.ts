import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { ConfigError } from './config-error.ts'
import { readConfig } from './config.ts'
import type { Environment } from './environment.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-config-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('without any Redis the embedded store is used', () => {
  expect(readConfig({ DATA_DIR: folder })).toMatchObject({
    redis: undefined,
    storeFile: join(folder, 'relay.db'),
    queueFolder: join(folder, 'usage-queue'),
    isStoreStrict: false,
  })
})

test('a URL names server, user, password, database and encryption', () => {
  expect(read({ REDIS_URL: 'rediss://relay:p%40ss@redis.example:6380/3' })).toEqual({
    kind: 'standalone',
    address: { host: 'redis.example', port: 6380 },
    db: 3,
    username: 'relay',
    password: 'p@ss',
    tls: { ca: undefined },
  })
  expect(read({ REDIS_URL: 'redis://[::1]' })).toMatchObject({ address: { host: '::1', port: 6379 }, db: 0 })
})

test('host, port, password and database are enough, and a password may come in a file', () => {
  const file = join(folder, 'password')
  writeFileSync(file, 'from a file\n')
  expect(read({ REDIS_HOST: 'redis', REDIS_PORT: '7000', REDIS_DB: '2', REDIS_PASSWORD_FILE: file })).toEqual({
    kind: 'standalone',
    address: { host: 'redis', port: 7000 },
    db: 2,
    username: undefined,
    password: 'from a file',
    tls: undefined,
  })
})

test('Sentinels and the nodes of a Cluster are lists', () => {
  expect(
    read({ REDIS_SENTINELS: 'a, b:5000', REDIS_SENTINEL_NAME: 'main', REDIS_SENTINEL_PASSWORD: 'x' }),
  ).toMatchObject({
    kind: 'sentinel',
    sentinels: [
      { host: 'a', port: 26_379 },
      { host: 'b', port: 5000 },
    ],
    masterName: 'main',
    sentinelPassword: 'x',
  })
  expect(read({ REDIS_CLUSTER: '10.0.0.1:7000 [fd00::1]:7001', REDIS_TLS: 'true' })).toMatchObject({
    kind: 'cluster',
    nodes: [
      { host: '10.0.0.1', port: 7000 },
      { host: 'fd00::1', port: 7001 },
    ],
    tls: {},
  })
})

test.for<[why: string, environment: Environment, message: string]>([
  ['two places', { REDIS_HOST: 'a', REDIS_CLUSTER: 'b' }, 'REDIS_HOST, REDIS_CLUSTER: each names a Redis'],
  ['a password without a server', { REDIS_PASSWORD: 'hidden' }, 'REDIS_PASSWORD: set, but no Redis is named'],
  ['a database without a server', { REDIS_PORT: '6379', REDIS_DB: '0' }, 'REDIS_PORT, REDIS_DB: set, but no Redis'],
  ['a master without Sentinels', { REDIS_SENTINEL_NAME: 'a' }, 'REDIS_SENTINEL_NAME: set, but no Redis is named'],
  ['a namespace without a server', { REDIS_NAMESPACE: 'a' }, 'REDIS_NAMESPACE: set, but no Redis is named'],
  ['two passwords', { REDIS_URL: 'redis://:hidden@a', REDIS_PASSWORD: 'hidden' }, 'both hold a password'],
  ['another scheme', { REDIS_URL: 'https://:hidden@a' }, 'REDIS_URL: is not a Redis URL'],
  ['a database that is none', { REDIS_URL: 'redis://:hidden@a/x' }, 'REDIS_URL: is not a Redis URL'],
  ['no URL at all', { REDIS_URL: 'hidden' }, 'REDIS_URL: is not a Redis URL'],
  ['a list with a password', { REDIS_SENTINELS: 'user:hidden@a:1' }, 'REDIS_SENTINELS: '],
  ['a database in a Cluster', { REDIS_CLUSTER: 'a', REDIS_DB: '1' }, 'only database 0'],
  ['an authority that is not there', { REDIS_HOST: 'a', REDIS_TLS_CA: 'nowhere.pem' }, 'cannot be read (ENOENT)'],
])('%s: is refused, without showing a password', ([, environment, message]) => {
  const error = refusal(environment)
  expect(error.message).toContain(message)
  expect(error.message).not.toContain('hidden')
})

function read(environment: Environment): unknown {
  return readConfig({ DATA_DIR: folder, ...environment }).redis
}

function refusal(environment: Environment): Error {
  try {
    readConfig({ DATA_DIR: folder, ...environment })
  } catch (error) {
    if (error instanceof ConfigError) return error
  }
  throw new Error('nothing was refused')
}
