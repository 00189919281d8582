import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

import { readSecretsFile, secretsFilePath } from './secrets-file.ts'

/** The two keys of a rotation. */
export interface KeyPair {
  readonly oldKey: string
  readonly newKey: string
}

const KEY_BYTES = 48

/**
 * The keys of a rotation where Relay itself has made the key: the new one is made once, so that a run that was
 * interrupted at any point goes on with the same two.
 *
 * @param inUse - the key of `secrets.json`
 */
export function ownKeyPair(dataDir: string, inUse: string): KeyPair {
  const previous = readKey(previousPath(dataDir))
  if (previous !== undefined && previous !== inUse) return { oldKey: previous, newKey: inUse }
  const next = readKey(nextPath(dataDir))
  if (next !== undefined) return { oldKey: inUse, newKey: next }
  const made = randomBytes(KEY_BYTES).toString('base64url')
  writeKey(nextPath(dataDir), made)
  return { oldKey: inUse, newKey: made }
}

/** Puts the new key into `secrets.json`, once the data set opens with either; the old one stays beside it until {@link putOldKeyAside}. */
export function takeNewKey(dataDir: string, { oldKey, newKey }: KeyPair): void {
  const secrets = readSecretsFile(dataDir)
  if (secrets === undefined || secrets.ENCRYPTION_KEY === newKey) return
  writeKey(previousPath(dataDir), oldKey)
  const incoming = `${secretsFilePath(dataDir)}.incoming`
  const text = `${JSON.stringify({ ...secrets, ENCRYPTION_KEY: newKey }, null, 2)}\n`
  writeFileSync(incoming, text, { mode: 0o600, flush: true })
  renameSync(incoming, secretsFilePath(dataDir))
}

/**
 * When nothing is sealed under the old key any more but the backups that were made before: for them it stays.
 *
 * @returns where it lies now
 */
export function putOldKeyAside(dataDir: string): string {
  const aside = `${secretsFilePath(dataDir)}.until-${new Date().toISOString().replaceAll(':', '')}`
  rmSync(nextPath(dataDir), { force: true })
  renameSync(previousPath(dataDir), aside) // the last step: a run that ends before it is repeated with the same two
  return aside
}

function readKey(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined
}

function writeKey(path: string, key: string): void {
  writeFileSync(path, `${key}\n`, { mode: 0o600, flush: true })
}

function nextPath(dataDir: string): string {
  return `${secretsFilePath(dataDir)}.next`
}

function previousPath(dataDir: string): string {
  return `${secretsFilePath(dataDir)}.previous`
}
