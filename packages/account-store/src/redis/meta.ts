import { randomBytes, randomUUID } from 'node:crypto'

import type { KeyRing } from '../crypto/key-ring.ts'
import { StoreError } from '../store-error.ts'
import type { RedisLink } from './link.ts'
import type { RedisKeys } from './redis-keys.ts'
import { toPairs, toText } from './reply.ts'
import { CREATE_DATA_SET } from './scripts/create-data-set.ts'

/** The schema that this code reads and writes. A field that is added needs no new number; a key with another meaning does. */
const REDIS_SCHEMA_VERSION = 1

/** The fact that says that a load has not come to its end. */
export const LOADING = 'loading'

/** What the sentinel is sealed for, and what it says; opening it proves the key. */
export const SENTINEL_CONTEXT = 'meta:sentinel'
export const SENTINEL_TEXT = 'relay'
/** What the pepper is sealed for. */
export const PEPPER_CONTEXT = 'meta:pepper'
const PEPPER_BYTES = 32

/** What a node has to know about the data set before it uses it. */
export interface DataSet {
  readonly instanceId: string
  readonly schemaVersion: number
  readonly pepper: Buffer
}

/** What opens a data set. */
export interface DataSetParts {
  readonly link: RedisLink
  readonly keys: RedisKeys
  readonly box: KeyRing
}

/**
 * Opens the data set, making it when there is none.
 *
 * @throws StoreError `not-a-store`, `wrong-encryption-key`, `store-too-new`, `store-damaged`; in that case nothing has been written
 */
export async function openDataSet(parts: DataSetParts, mustExist = false): Promise<DataSet> {
  const found = await readMeta(parts)
  if (found.size > 0) return inspect(found, parts.box)
  if (mustExist) throw new StoreError('not-a-store', 'there is no data set of Relay in Redis')
  await createDataSet(parts)
  return inspect(await readMeta(parts), parts.box)
}

async function readMeta({ link, keys }: DataSetParts): Promise<ReadonlyMap<string, string>> {
  const [facts] = await link.send(['HGETALL', keys.meta])
  return new Map(toPairs(facts))
}

/** The pepper is made here, once, and kept sealed. */
async function createDataSet({ link, keys, box }: DataSetParts): Promise<void> {
  const facts: Readonly<Record<string, string>> = {
    'instance-id': randomUUID(),
    'schema-version': String(REDIS_SCHEMA_VERSION),
    sentinel: box.seal(SENTINEL_TEXT, SENTINEL_CONTEXT),
    pepper: box.seal(randomBytes(PEPPER_BYTES).toString('base64'), PEPPER_CONTEXT),
    revision: '1',
    'config-guard': '1',
    'cooldown-guard': '1',
  }
  const answer = await link.run(CREATE_DATA_SET, {
    keys: [keys.meta, keys.history, keys.accounts, keys.relayKeys, keys.adminUsers],
    args: Object.entries(facts).flat(),
  })
  if (toText(answer) === 'damaged') {
    throw new StoreError(
      'store-damaged',
      `Redis holds accounts or keys of Relay, but not ${keys.meta}, which describes them; restore a backup`,
    )
  }
}

function inspect(facts: ReadonlyMap<string, string>, box: KeyRing): DataSet {
  const { schemaVersion, sentinel, sealedPepper, instanceId } = readWhole(facts)
  box.learn(facts.get('rotation'))
  if (box.open(sentinel, SENTINEL_CONTEXT) !== SENTINEL_TEXT) {
    throw new StoreError(
      'wrong-encryption-key',
      'the data set in Redis was sealed under another ENCRYPTION_KEY; nothing was changed',
    )
  }
  const pepper = box.open(sealedPepper, PEPPER_CONTEXT)
  if (pepper === undefined) {
    throw new StoreError('store-damaged', 'the pepper of the relay keys cannot be opened; restore a backup')
  }
  return { instanceId, schemaVersion, pepper: Buffer.from(pepper, 'base64') }
}

interface WholeFacts {
  readonly schemaVersion: number
  readonly sentinel: string
  readonly sealedPepper: string
  readonly instanceId: string
}

function readWhole(facts: ReadonlyMap<string, string>): WholeFacts {
  const schemaVersion = Number(facts.get('schema-version'))
  if (schemaVersion > REDIS_SCHEMA_VERSION) {
    throw new StoreError(
      'store-too-new',
      `the data set in Redis has schema version ${schemaVersion}, this Relay reads up to ${REDIS_SCHEMA_VERSION}; use the newer Relay`,
    )
  }
  if (facts.has(LOADING)) {
    throw new StoreError(
      'store-damaged',
      'a load into the data set in Redis has not come to its end; empty it and load again',
    )
  }
  const [sentinel, sealedPepper, instanceId] = ['sentinel', 'pepper', 'instance-id'].map((name) => facts.get(name))
  const isWhole = Number.isSafeInteger(schemaVersion) && schemaVersion > 0 && facts.has('revision')
  if (!isWhole || sentinel === undefined || sealedPepper === undefined || instanceId === undefined) {
    throw new StoreError('store-damaged', 'the facts about the data set in Redis are not whole; restore a backup')
  }
  return { schemaVersion, sentinel, sealedPepper, instanceId }
}
