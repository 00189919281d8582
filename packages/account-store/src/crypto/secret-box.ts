import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

import { deriveKey } from './derive-key.ts'

/** Seals secrets at rest. */
export interface SecretBox {
  /** Names the key that seals, so that a rotation can tell old records from new ones. */
  readonly keyId: string
  /** @param context - record type and id; the text opens only under the same context */
  seal(plainText: string, context: string): string
  /** The text, or `undefined` when key, context or bytes are not those it was sealed with. */
  open(sealed: string, context: string): string | undefined
}

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const FORMAT = 'v1'

/**
 * Makes a box around `ENCRYPTION_KEY`: AES-256-GCM with a fresh 96-bit nonce for each text.
 *
 * A sealed text reads `v1.<key id>.<nonce>.<cipher text and tag>`, the last two in base64url.
 */
export function createSecretBox(encryptionKey: string): SecretBox {
  const key = deriveKey(encryptionKey, 'secret-box')
  const keyId = deriveKey(encryptionKey, 'secret-box-key-id', 6).toString('hex')

  function seal(plainText: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(Buffer.from(context))
    const body = Buffer.concat([cipher.update(plainText, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return [FORMAT, keyId, nonce.toString('base64url'), body.toString('base64url')].join('.')
  }

  function open(sealed: string, context: string): string | undefined {
    const [format, sealedBy, nonce, body] = sealed.split('.')
    if (format !== FORMAT || sealedBy !== keyId || nonce === undefined || body === undefined) return undefined
    try {
      return decrypt({ key, nonce: Buffer.from(nonce, 'base64url'), body: Buffer.from(body, 'base64url'), context })
    } catch {
      // Forged or damaged bytes: the caller must see nothing at all, not even why.
      return undefined
    }
  }

  return { keyId, seal, open }
}

function decrypt(sealed: { key: Buffer; nonce: Buffer; body: Buffer; context: string }): string {
  const tagStart = sealed.body.length - TAG_BYTES
  const decipher = createDecipheriv(CIPHER, sealed.key, sealed.nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(sealed.context))
  decipher.setAuthTag(sealed.body.subarray(tagStart))
  return Buffer.concat([decipher.update(sealed.body.subarray(0, tagStart)), decipher.final()]).toString('utf8')
}
