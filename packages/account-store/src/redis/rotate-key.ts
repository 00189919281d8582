import { setTimeout as wait } from 'node:timers/promises'

import { refuseField } from '../check-field.ts'
import { requireStrongSecret } from '../crypto/derive-key.ts'
import { describeRotation, isRotationTo } from '../crypto/key-ring.ts'
import type { SecretBox } from '../crypto/secret-box.ts'
import { createSecretBox } from '../crypto/secret-box.ts'
import type { KeyRoom, KeyRotation, RotationOutcome } from '../store/key-room.ts'
import type { RedisContext } from './context.ts'
import { PEPPER_CONTEXT, SENTINEL_CONTEXT, SENTINEL_TEXT } from './meta.ts'
import { toRow } from './reply.ts'
import { REPLACE_FIELD } from './scripts/replace-field.ts'
import type { SealedField } from './sealed-places.ts'
import { readSealed } from './sealed-places.ts'
import { transact } from './transaction.ts'

/** Until every node has asked for changes, and so has learnt of the other key. */
const LEARN_MS = 1500

/** Rotation of the encryption key in Redis. */
export function createKeyRoom(context: RedisContext): KeyRoom {
  async function rotateEncryptionKey(rotation: KeyRotation): Promise<RotationOutcome> {
    const to = checkKeys(rotation)
    context.box.learn(await begin(context, rotation, to.keyId))
    rotation.onBegun?.()
    await wait(LEARN_MS)
    let sealed = 0
    for (;;) {
      const round = await sealEverything(context, to, (count) => rotation.onProgress?.(sealed + count))
      sealed += round.sealed
      // A round that finds nothing to do was begun after every node had learnt: nothing is sealed under the old key any more.
      if (round.sealed === 0) {
        await finish(context, to)
        return { sealed, unreadable: round.unreadable }
      }
    }
  }

  return { rotateEncryptionKey }
}

function checkKeys({ oldKey, newKey }: KeyRotation): SecretBox {
  requireStrongSecret('the old key', oldKey)
  requireStrongSecret('the new key', newKey)
  if (oldKey === newKey) refuseField('newKey', 'is the key that is in use already')
  return createSecretBox(newKey)
}

/** @returns what the data set says of the rotation from now on */
async function begin(context: RedisContext, { oldKey, newKey }: KeyRotation, toKeyId: string): Promise<string> {
  return transact(context, 'config-guard', async (transaction) => {
    const running = await transaction.get('meta', 'rotation')
    const rotation = running ?? describeRotation(oldKey, newKey)
    if (!isRotationTo(rotation, toKeyId))
      refuseField('newKey', 'differs from the one of the rotation that is under way')
    if (running === undefined) transaction.put('meta', 'rotation', rotation)
    return rotation
  })
}

async function sealEverything(
  context: RedisContext,
  to: SecretBox,
  onProgress: (sealed: number) => void,
): Promise<RotationOutcome> {
  let sealed = 0
  let unreadable = 0
  for await (const place of readSealed(context)) {
    const anew = sealAnew(place, context.box, to)
    unreadable += anew.unreadable
    if (anew.sealed === 0) continue
    const isReplaced = await context.link.run(REPLACE_FIELD, {
      keys: [place.hash],
      args: [place.field, place.text, anew.text],
    })
    // One that somebody has changed meanwhile is looked at in the next round.
    sealed += isReplaced === 1 ? anew.sealed : 1
    onProgress(sealed)
  }
  return { sealed, unreadable }
}

interface SealedAnew extends RotationOutcome {
  readonly text: string
}

function sealAnew({ text, sealed }: SealedField, box: SecretBox, to: SecretBox): SealedAnew {
  const isWhole = sealed[0]?.[0] === ''
  const row: Record<string, unknown> = isWhole ? { '': text } : { ...toRow(text) }
  let count = 0
  let unreadable = 0
  for (const [column, context] of sealed) {
    const old = row[column]
    if (typeof old !== 'string' || old.startsWith(`v1.${to.keyId}.`)) continue
    const opened = box.open(old, context)
    if (opened === undefined) unreadable += 1
    else {
      row[column] = to.seal(opened, context)
      count += 1
    }
  }
  return { text: isWhole ? String(row['']) : JSON.stringify(row), sealed: count, unreadable }
}

/** Puts the new key in force. */
async function finish(context: RedisContext, to: SecretBox): Promise<void> {
  await transact(context, 'config-guard', async (transaction) => {
    const pepper = context.box.open((await transaction.get('meta', 'pepper')) ?? '', PEPPER_CONTEXT)
    if (pepper !== undefined) transaction.put('meta', 'pepper', to.seal(pepper, PEPPER_CONTEXT))
    transaction.put('meta', 'sentinel', to.seal(SENTINEL_TEXT, SENTINEL_CONTEXT))
    transaction.remove('meta', 'rotation')
  })
}
