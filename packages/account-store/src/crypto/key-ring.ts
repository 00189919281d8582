import type { SecretBox } from './secret-box.ts'
import { createSecretBox } from './secret-box.ts'

/** A box that knows the other key, too, while the encryption key is being rotated. */
export interface KeyRing extends SecretBox {
  /** Reads what the data set says about a rotation; whoever has one of the two keys knows the other from then on. */
  learn(rotation: string | undefined): void
}

/** What the data set says about a rotation, as JSON. */
interface Rotation {
  /** Key ids. */
  readonly from: string
  readonly to: string
  /** The new key, sealed under the old one. */
  readonly next: string
  /** The old key, sealed under the new one. */
  readonly previous: string
}

const NEXT_CONTEXT = 'rotation:next'
const PREVIOUS_CONTEXT = 'rotation:previous'

/** Makes the ring of a process that was started with this key. */
export function createKeyRing(encryptionKey: string): KeyRing {
  const own = createSecretBox(encryptionKey)
  const others = new Map<string, SecretBox>()
  let current = own

  function learn(text: string | undefined): void {
    const rotation = text === undefined ? undefined : parseRotation(text)
    if (rotation === undefined || others.has(otherOf(rotation, own.keyId))) return
    const key =
      rotation.from === own.keyId
        ? own.open(rotation.next, NEXT_CONTEXT)
        : own.open(rotation.previous, PREVIOUS_CONTEXT)
    if (key === undefined) return
    const other = createSecretBox(key)
    others.set(other.keyId, other)
    if (rotation.from === own.keyId) current = other
  }

  return {
    get keyId() {
      return current.keyId
    },
    seal: (plainText, context) => current.seal(plainText, context),
    open: (sealed, context) => {
      const opened = own.open(sealed, context)
      if (opened !== undefined || others.size === 0) return opened
      return others.get(sealed.split('.')[1] ?? '')?.open(sealed, context)
    },
    learn,
  }
}

/** What the data set has to say while one key takes the place of the other. */
export function describeRotation(oldKey: string, newKey: string): string {
  const from = createSecretBox(oldKey)
  const to = createSecretBox(newKey)
  const rotation: Rotation = {
    from: from.keyId,
    to: to.keyId,
    next: from.seal(newKey, NEXT_CONTEXT),
    previous: to.seal(oldKey, PREVIOUS_CONTEXT),
  }
  return JSON.stringify(rotation)
}

/** Tells whether a rotation that is under way is the one between these two keys. */
export function isRotationTo(text: string, toKeyId: string): boolean {
  return parseRotation(text)?.to === toKeyId
}

function otherOf({ from, to }: Rotation, own: string): string {
  return from === own ? to : from
}

function parseRotation(text: string): Rotation | undefined {
  // Written by this package from this very type; damaged text opens nothing.
  try {
    return JSON.parse(text) as Rotation
  } catch {
    return undefined
  }
}
