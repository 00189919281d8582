import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { ConfigError } from './config-error.ts'
import { peekConfig, readConfig } from './config.ts'
import { weaknessOf } from './secret-strength.ts'
import { settings } from './settings.ts'

const JWT_SECRET = 'Zt3kQ8vN1xW6yB4mH7pL2sD9fG5jR0cA'
const ENCRYPTION_KEY = 'a9Xe2Mu7Kq4Vw8Tz1Bn6Hd3Pf5Lr0Gs-'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-config-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the environment', () => {
  test('an empty one gives the documented defaults', () => {
    const config = readConfig({ DATA_DIR: folder })
    expect(config).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      dataDir: folder,
      environment: 'development',
      isProduction: false,
      logLevel: 'info',
      trustProxy: [],
      allowPrivate: [],
      configFile: undefined,
      metricsToken: undefined,
    })
    expect(Object.isFrozen(config) && Object.isFrozen(config.allowPrivate)).toBe(true)
  })

  test('an empty variable counts as not set', () => {
    expect(readConfig({ DATA_DIR: folder, PORT: '', JWT_SECRET: '', RELAY_CONFIG: '' })).toMatchObject({
      port: 3000,
      configFile: undefined,
    })
  })

  test('all mistakes come in one message, with variable, value and way out', () => {
    const message = messageOf({
      DATA_DIR: folder,
      PORT: '99999',
      HOST: 'http://localhost',
      NODE_ENV: 'prod',
      LOG_LEVEL: 'loud',
      RELAY_ALLOW_PRIVATE: '10.0.0.0/8, localhost',
      TRUST_PROXY: '10.0.0.0/33',
    })
    expect(message).toContain('6 settings cannot be used')
    expect(message).toContain('PORT: "99999" is not a whole number from 0 to 65535')
    expect(message).toContain('HOST: "http://localhost" is not an address or host name')
    expect(message).toContain('NODE_ENV: "prod" is not one of development, production, test')
    expect(message).toContain('LOG_LEVEL: "loud" is not one of trace')
    expect(message).toMatch(/RELAY_ALLOW_PRIVATE: .*"localhost" is neither an address, a network/)
    expect(message).toMatch(/TRUST_PROXY: .*"10\.0\.0\.0\/33", which is neither/)
  })

  test('a mistake in a secret never shows its value', () => {
    const secrets = {
      JWT_SECRET: 'tiny-canary',
      ENCRYPTION_KEY: 'change-me-canary-change-me-canary',
      METRICS_TOKEN: 'canary',
    }
    const message = messageOf({ DATA_DIR: folder, ...secrets })
    expect(message).toContain('JWT_SECRET: has 11 characters, at least 32 are needed')
    expect(message).toContain('ENCRYPTION_KEY: looks like an example')
    expect(message).toContain('METRICS_TOKEN: is shorter than 16')
    expect(message).toContain('randomBytes(48)')
    expect(message).not.toContain('canary')
  })

  test('a secret may lie in a file, as container secrets do', () => {
    const path = join(folder, 'jwt')
    writeFileSync(path, `${JWT_SECRET}\n`)
    expect(readConfig({ DATA_DIR: folder, JWT_SECRET_FILE: path, ENCRYPTION_KEY }).jwtSecret).toBe(JWT_SECRET)
  })

  test.for([
    ['canary-for-the-file-of-the-secret\n'.repeat(3000), 'is larger than'],
    [' \n', 'is empty'],
    [undefined, 'cannot be read (ENOENT)'],
  ] as const)('a file of a secret that cannot be used is named, not shown: %#', ([content, trouble]) => {
    const path = join(folder, 'jwt')
    if (content !== undefined) writeFileSync(path, content)
    const message = messageOf({ DATA_DIR: folder, JWT_SECRET_FILE: path })
    expect(message).toContain(`JWT_SECRET_FILE: ${JSON.stringify(path)} ${trouble}`)
    expect(message).not.toContain('canary')
  })

  test('a secret in both ways is a mistake', () => {
    const message = messageOf({ DATA_DIR: folder, JWT_SECRET, JWT_SECRET_FILE: join(folder, 'jwt') })
    expect(message).toContain('JWT_SECRET, JWT_SECRET_FILE: are both set')
    expect(message).not.toContain(JWT_SECRET)
  })

  test('every row of the table has a name, a meaning, and a default that can be read', () => {
    for (const { name, meaning, fallback, schema } of Object.values(settings)) {
      expect(name).toMatch(/^[A-Z_]+$/)
      expect(meaning).toMatch(/\.$/)
      expect(fallback === undefined || schema.safeParse(fallback).success).toBe(true)
    }
  })
})

describe('secrets outside production', () => {
  test('are made once, differ, and are readable by the owner only', () => {
    const first = readConfig({ DATA_DIR: folder })
    expect(first.jwtSecret).toHaveLength(64)
    expect(first.encryptionKey).toHaveLength(64)
    expect(first.jwtSecret).not.toBe(first.encryptionKey)
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600)
    expect(readConfig({ DATA_DIR: folder })).toEqual(first)
  })

  test('a variable wins over the file', () => {
    const made = readConfig({ DATA_DIR: folder })
    const config = readConfig({ DATA_DIR: folder, JWT_SECRET })
    expect(config.jwtSecret).toBe(JWT_SECRET)
    expect(config.encryptionKey).toBe(made.encryptionKey)
  })

  test('no file is made when both are given', () => {
    readConfig({ DATA_DIR: folder, JWT_SECRET, ENCRYPTION_KEY })
    expect(existsSync(join(folder, 'secrets.json'))).toBe(false)
  })

  test('peeking makes nothing', () => {
    const inner = join(folder, 'data')
    expect(peekConfig({ DATA_DIR: inner })).toBeUndefined()
    expect(existsSync(inner)).toBe(false)
    const made = readConfig({ DATA_DIR: inner })
    expect(peekConfig({ DATA_DIR: inner })).toEqual(made)
  })

  test('a file that holds something else is named, not replaced and not quoted', () => {
    writeFileSync(join(folder, 'secrets.json'), '{"JWT_SECRET":"canary')
    const message = messageOf({ DATA_DIR: folder })
    expect(message).toContain(join(folder, 'secrets.json'))
    expect(message).not.toContain('canary')
    expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).toBe('{"JWT_SECRET":"canary')
  })

  test('a data set whose key is gone gets no new key', () => {
    writeFileSync(join(folder, 'relay.db'), 'a data set')
    expect(messageOf({ DATA_DIR: folder })).toContain('ENCRYPTION_KEY')
    expect(existsSync(join(folder, 'secrets.json'))).toBe(false)
  })

  test('default-like ones are refused there too', () => {
    expect(messageOf({ DATA_DIR: folder, JWT_SECRET: 'your-jwt-secret-here-your-jwt-secret-here' })).toContain(
      'JWT_SECRET: looks like',
    )
  })
})

describe('secrets in production', () => {
  test('missing ones are refused, with a command that makes good ones', () => {
    const message = messageOf({ DATA_DIR: folder, NODE_ENV: 'production' })
    expect(message).toContain('JWT_SECRET: is missing')
    expect(message).toContain('ENCRYPTION_KEY: is missing')
    expect(message).toContain(`node -p "require('node:crypto').randomBytes(48).toString('base64url')"`)
    expect(existsSync(join(folder, 'secrets.json'))).toBe(false)
  })

  test('a data folder that has made ones already is pointed at, since only they open it', () => {
    readConfig({ DATA_DIR: folder })
    expect(messageOf({ DATA_DIR: folder, NODE_ENV: 'production' })).toContain(join(folder, 'secrets.json'))
  })

  test('equal ones are refused', () => {
    expect(messageOf({ DATA_DIR: folder, NODE_ENV: 'production', JWT_SECRET, ENCRYPTION_KEY: JWT_SECRET })).toContain(
      'are equal',
    )
  })

  test('good ones are taken as they are', () => {
    const config = readConfig({ DATA_DIR: folder, NODE_ENV: 'production', JWT_SECRET, ENCRYPTION_KEY })
    expect(config).toMatchObject({ isProduction: true, jwtSecret: JWT_SECRET, encryptionKey: ENCRYPTION_KEY })
  })
})

test.for([
  ['short', 'has 5 characters'],
  ['CHANGE-THIS-JWT-SECRET-IN-PRODUCTION', 'example'],
  ['CHANGE-THIS-32-CHARACTER-KEY-NOW', 'example'],
  ['my-super-secret-key-for-development', 'example'],
  ['a'.repeat(40), 'very few'],
  ['abcdefgh12345678abcdefgh12345678', 'repeats itself'],
  ['0123456789abcdefghijklmnopqrstuvwxyz', 'sequence'],
  [JWT_SECRET, 'good'],
  ['9f86d081884c7d659a2feaa0c55ad015', 'good'],
] as const)('the secret %s is judged right', ([secret, weakness]) => {
  expect(weaknessOf(secret) ?? 'good').toContain(weakness)
})

function messageOf(environment: Record<string, string>): string {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('the configuration was taken')
}
