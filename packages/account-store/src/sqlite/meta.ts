import { randomBytes, randomUUID } from 'node:crypto'
import type { SQLOutputValue } from 'node:sqlite'

import type { SecretBox } from '../crypto/secret-box.ts'
import { StoreError } from '../store-error.ts'
import type { Connection } from './connection.ts'

/** Facts about the data set itself. The revisions count changes, so that processes can see each other's. */
export type MetaName =
  | 'sentinel'
  | 'pepper'
  | 'instance-id'
  | 'accounts-revision'
  | 'accounts-removed-at-revision'
  | 'relay-keys-revision'
  | 'usage-records-since'
  | 'usage-hours-since'
  | 'usage-days-until'
  | 'usage-months-until'
  | 'rotation'
  | 'usable-from'

/** What the sentinel is sealed for, and what it says; opening it proves the key. */
export const SENTINEL_CONTEXT = 'meta:sentinel'
export const SENTINEL_TEXT = 'relay'

/** What the pepper is sealed for. */
export const PEPPER_CONTEXT = 'meta:pepper'
const PEPPER_BYTES = 32

/** Reads one fact; `undefined` when it is not there. */
export function readMeta(connection: Connection, name: MetaName): SQLOutputValue | undefined {
  return connection.prepare('SELECT value FROM meta WHERE name = :name').get({ name })?.['value']
}

/** Writes the facts of a new data set. The pepper is made here, once, and kept sealed. */
export function writeFirstMeta(connection: Connection, box: SecretBox): void {
  const insert = connection.prepare('INSERT INTO meta (name, value) VALUES (:name, :value)')
  const facts: Partial<Record<MetaName, string | number>> = {
    sentinel: box.seal(SENTINEL_TEXT, SENTINEL_CONTEXT),
    pepper: box.seal(randomBytes(PEPPER_BYTES).toString('base64'), PEPPER_CONTEXT),
    'instance-id': randomUUID(),
    'accounts-revision': 1,
    'accounts-removed-at-revision': 0,
    'relay-keys-revision': 1,
  }
  for (const [name, value] of Object.entries(facts)) insert.run({ name, value })
}

/** Opens the pepper under which relay keys are hashed. */
export function openPepper(connection: Connection, box: SecretBox): Buffer {
  const sealed = readMeta(connection, 'pepper')
  const pepper = typeof sealed === 'string' ? box.open(sealed, PEPPER_CONTEXT) : undefined
  if (pepper === undefined) {
    throw new StoreError('store-damaged', 'the pepper of the relay keys cannot be opened; restore a backup')
  }
  return Buffer.from(pepper, 'base64')
}
