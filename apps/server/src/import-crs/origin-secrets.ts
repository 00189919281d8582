import { createDecipheriv, createHash, scryptSync } from 'node:crypto'

/** Opens what the origin has encrypted under its `ENCRYPTION_KEY`. */
export interface OriginSecrets {
  /** @returns `undefined` when it cannot be opened; a text that was never encrypted is returned as it is */
  open(text: string, salt: string): string | undefined
  /** The hash under which the origin knows a relay key. */
  hashKey(plain: string): string
  /** Follows the key before it is hashed. */
  readonly suffix: string
}

const SEALED = /^([0-9a-f]{32}):((?:[0-9a-f]{32})+)$/i

/** Whether the origin has encrypted a text. */
export function isSealed(text: string): boolean {
  return SEALED.test(text)
}

/** Letters, digits and signs of a credential: what a wrong key makes of one is not like that. */
const PRINTABLE = /^[\u0020-\u007e]+$/

/** AES-256-CBC with a key of `scrypt(ENCRYPTION_KEY, salt, 32)`; the text is `ivHex:cipherHex`. */
export function createOriginSecrets(encryptionKey: string): OriginSecrets {
  const keys = new Map<string, Buffer>()

  function keyFor(salt: string): Buffer {
    const key = keys.get(salt) ?? scryptSync(encryptionKey, salt, 32)
    keys.set(salt, key)
    return key
  }

  function open(text: string, salt: string): string | undefined {
    const [, iv, body] = SEALED.exec(text) ?? []
    if (iv === undefined || body === undefined)
      return text.includes(':') && /^[0-9a-f:]+$/i.test(text) ? undefined : text
    try {
      const decipher = createDecipheriv('aes-256-cbc', keyFor(salt), Buffer.from(iv, 'hex'))
      const plain = Buffer.concat([decipher.update(Buffer.from(body, 'hex')), decipher.final()]).toString('utf8')
      return PRINTABLE.test(plain) ? plain : undefined
    } catch {
      return undefined // encrypted under another key
    }
  }

  return {
    open,
    hashKey: (plain) =>
      createHash('sha256')
        .update(plain + encryptionKey)
        .digest('hex'),
    suffix: encryptionKey,
  }
}
