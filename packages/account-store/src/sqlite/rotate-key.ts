import { setTimeout as wait } from 'node:timers/promises'

import { refuseField } from '../check-field.ts'
import { requireStrongSecret } from '../crypto/derive-key.ts'
import { describeRotation, isRotationTo } from '../crypto/key-ring.ts'
import type { SecretBox } from '../crypto/secret-box.ts'
import { createSecretBox } from '../crypto/secret-box.ts'
import type { Row } from '../rows/row.ts'
import { readText } from '../rows/row.ts'
import type { KeyRoom, KeyRotation, RotationOutcome } from '../store/key-room.ts'
import type { Connection } from './connection.ts'
import type { StoreContext } from './context.ts'
import { PEPPER_CONTEXT, readMeta, SENTINEL_CONTEXT, SENTINEL_TEXT } from './meta.ts'
import type { SealedPlace } from './sealed-places.ts'
import { SEALED_PLACES } from './sealed-places.ts'

/** How often every process looks whether the key is being rotated. */
export const ROTATION_POLL_MS = 500
/** Until every process has looked. */
const LEARN_MS = 3 * ROTATION_POLL_MS
/** Secrets in one transaction: other writers wait for some 10 ms at most. */
const BATCH = 200

export function createKeyRoom(context: StoreContext): KeyRoom {
  const { durable, box } = context

  async function rotateEncryptionKey(rotation: KeyRotation): Promise<RotationOutcome> {
    const to = checkKeys(rotation)
    begin(durable, rotation, to.keyId)
    box.learn(readRotation(durable))
    rotation.onBegun?.()
    await wait(LEARN_MS)
    const counts = { sealed: 0, unreadable: 0 }
    for (;;) {
      const { sealed, unreadable } = await sealEverything(durable, { box, to, rotation, before: counts.sealed })
      counts.sealed += sealed
      counts.unreadable = unreadable
      if (finish(durable, { box, to, unreadable })) return counts
    }
  }

  return { rotateEncryptionKey }
}

/** What the data set says about a rotation that is under way. */
export function readRotation(connection: Connection): string | undefined {
  const rotation = readMeta(connection, 'rotation')
  return typeof rotation === 'string' ? rotation : undefined
}

function checkKeys({ oldKey, newKey }: KeyRotation): SecretBox {
  requireStrongSecret('the old key', oldKey)
  requireStrongSecret('the new key', newKey)
  if (oldKey === newKey) refuseField('newKey', 'is the key that is in use already')
  return createSecretBox(newKey)
}

function begin(connection: Connection, { oldKey, newKey }: KeyRotation, toKeyId: string): void {
  connection.transaction(() => {
    const running = readRotation(connection)
    if (running === undefined) {
      const put = connection.prepare(`INSERT INTO meta (name, value) VALUES ('rotation', :value)`)
      put.run({ value: describeRotation(oldKey, newKey) })
      return
    }
    if (!isRotationTo(running, toKeyId)) refuseField('newKey', 'differs from the one of the rotation that is under way')
  })
}

interface Sealing {
  readonly box: SecretBox
  readonly to: SecretBox
  readonly rotation: KeyRotation
  /** Sealed in earlier rounds. */
  readonly before: number
}

async function sealEverything(connection: Connection, sealing: Sealing): Promise<RotationOutcome> {
  let sealed = 0
  let unreadable = 0
  for (const place of SEALED_PLACES) {
    let after: unknown = undefined
    for (;;) {
      const batch = connection.transaction(() => sealBatch(connection, place, { ...sealing, after }))
      sealed += batch.sealed
      unreadable += batch.unreadable
      after = batch.last
      sealing.rotation.onProgress?.(sealing.before + sealed)
      if (after === undefined) break
      await wait(0) // requests go on between the steps
    }
  }
  return { sealed, unreadable }
}

interface Batch extends RotationOutcome {
  /** Where the next batch goes on; `undefined` when there is none. */
  readonly last: unknown
}

function sealBatch(
  connection: Connection,
  place: SealedPlace,
  { box, to, after }: Sealing & { after: unknown },
): Batch {
  const { table, id, column, where = 'true' } = place
  const old = `${where} AND ${column} IS NOT NULL AND ${column} LIKE 'v1.%' AND ${column} NOT LIKE :mine`
  const parameters = { mine: `v1.${to.keyId}.%`, ...(after === undefined ? {} : { after: after as string | number }) }
  const rows = connection
    .prepare(
      `SELECT * FROM ${table} WHERE ${old}${after === undefined ? '' : ` AND ${id} > :after`} ORDER BY ${id} LIMIT ${BATCH}`,
    )
    .all(parameters)
  const update = connection.prepare(`UPDATE ${table} SET ${column} = :sealed WHERE ${id} = :id`)
  let sealed = 0
  for (const row of rows) {
    const text = sealAnew(row, place, { box, to })
    if (text !== undefined) sealed += update.run({ sealed: text, id: row[id] ?? null })
  }
  const last = rows.length < BATCH ? undefined : rows.at(-1)?.[id]
  return { sealed, unreadable: rows.length - sealed, last }
}

function sealAnew(row: Row, place: SealedPlace, { box, to }: Pick<Sealing, 'box' | 'to'>): string | undefined {
  const context = place.context(row)
  const opened = box.open(readText(row, place.column), context)
  return opened === undefined ? undefined : to.seal(opened, context)
}

/** Puts the new key in force when nothing is left to do for the old one. */
function finish(
  connection: Connection,
  { box, to, unreadable }: { box: SecretBox; to: SecretBox; unreadable: number },
): boolean {
  return connection.transaction(() => {
    const left = SEALED_PLACES.reduce((count, place) => count + countOld(connection, place, to.keyId), 0)
    if (left > unreadable) return false
    const put = connection.prepare('UPDATE meta SET value = :value WHERE name = :name')
    const pepper = box.open(String(readMeta(connection, 'pepper')), PEPPER_CONTEXT)
    if (pepper !== undefined) put.run({ name: 'pepper', value: to.seal(pepper, PEPPER_CONTEXT) })
    put.run({ name: 'sentinel', value: to.seal(SENTINEL_TEXT, SENTINEL_CONTEXT) })
    connection.prepare(`DELETE FROM meta WHERE name = 'rotation'`).run()
    return true
  })
}

function countOld(connection: Connection, { table, column, where = 'true' }: SealedPlace, keyId: string): number {
  const sql = `SELECT count(*) AS count FROM ${table} WHERE ${where} AND ${column} LIKE 'v1.%' AND ${column} NOT LIKE :mine`
  return Number(connection.prepare(sql).get({ mine: `v1.${keyId}.%` })?.['count'] ?? 0)
}
