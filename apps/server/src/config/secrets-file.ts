import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { makeFolder } from '@relay/account-store'
import * as z from 'zod'

import { ConfigError } from './config-error.ts'
import type { SecretName } from './settings.ts'

/** The secrets that Relay made itself. */
export type Secrets = Readonly<Record<SecretName, string>>

const SECRET_BYTES = 48
const MAX_FILE_BYTES = 65_536

const secretsSchema = z.object({ JWT_SECRET: z.string(), ENCRYPTION_KEY: z.string() })

/** Where the made secrets of a data folder lie. */
export function secretsFilePath(dataDir: string): string {
  return join(dataDir, 'secrets.json')
}

/**
 * Reads the secrets that were made for a data folder.
 *
 * @returns `undefined` when there are none yet
 * @throws ConfigError for a file that cannot be read or holds something else
 */
export function readSecretsFile(dataDir: string): Secrets | undefined {
  const path = secretsFilePath(dataDir)
  if (!existsSync(path)) return undefined
  try {
    if (statSync(path).size > MAX_FILE_BYTES) throw new Error(`has more than ${MAX_FILE_BYTES} bytes`)
    return secretsSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    // The cause is left out: a JSON error quotes what it read.
    throw new ConfigError('The secrets of the data folder cannot be used', [`${path}: ${reasonOf(error)}`])
  }
}

/**
 * Makes two different random secrets and keeps them, readable by the owner only.
 *
 * When another process was faster, its secrets are returned: the file appears complete or not at all.
 */
export function makeSecretsFile(dataDir: string): Secrets {
  const secrets: Secrets = { JWT_SECRET: randomSecret(), ENCRYPTION_KEY: randomSecret() }
  const path = secretsFilePath(dataDir)
  const incoming = `${path}.${randomUUID()}`
  try {
    makeFolder(dataDir)
    writeFileSync(incoming, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    linkSync(incoming, path)
    rmSync(incoming)
    return secrets
  } catch (error) {
    removeQuietly(incoming)
    const others = codeOf(error) === 'EEXIST' ? readSecretsFile(dataDir) : undefined
    if (others !== undefined) return others
    const way = 'make the folder writable, or set JWT_SECRET and ENCRYPTION_KEY'
    throw new ConfigError('The secrets cannot be kept', [`${path}: ${codeOf(error) ?? 'write failed'}; ${way}`])
  }
}

/** Best effort: what is left behind is a file nobody reads. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // The folder itself cannot be used; the caller says so.
  }
}

/** Whether others than the owner may read the secrets of a data folder; always false where modes mean nothing. */
export function isSecretsFileOpen(dataDir: string): boolean {
  const path = secretsFilePath(dataDir)
  return process.platform !== 'win32' && existsSync(path) && (statSync(path).mode & 0o077) !== 0
}

function randomSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

function reasonOf(error: unknown): string {
  const code = codeOf(error)
  if (code !== undefined) return `cannot be read (${code})`
  return 'must hold JSON with the texts JWT_SECRET and ENCRYPTION_KEY; restore it from a backup, or set both variables'
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
