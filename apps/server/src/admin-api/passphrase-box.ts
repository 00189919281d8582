import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, { N: number; maxmem: number }, Buffer>(scrypt)
/** About 60 ms and 32 MB: a guess costs as much. */
const COST = { N: 2 ** 15, maxmem: 64 * 1024 * 1024 }
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals texts for a file that only those who know the passphrase can read. */
export interface PassphraseBox {
  /** Needed to open the box again; goes into the file. */
  readonly salt: string
  /** @param name - what the text belongs to; it opens only under the same name */
  seal(text: string, name: string): string
  /** `undefined` with another passphrase, another name, or a text that was changed. */
  open(sealed: string, name: string): string | undefined
}

/** Makes a box; with the salt of a file, the one that the file was sealed with. */
export async function createPassphraseBox(passphrase: string, salt?: string): Promise<PassphraseBox> {
  const bytes = salt === undefined ? randomBytes(16) : Buffer.from(salt, 'base64url')
  const key = await derive(passphrase.normalize('NFC'), bytes, 32, COST)
  return {
    salt: bytes.toString('base64url'),
    seal(text, name) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
    },
    open(sealed, name) {
      const all = Buffer.from(sealed, 'base64url')
      if (all.length < NONCE_BYTES + TAG_BYTES) return undefined
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, all.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(name))
        decipher.setAuthTag(all.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
        return Buffer.concat([decipher.update(all.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString(
          'utf8',
        )
      } catch {
        // a wrong passphrase and a changed text look the same
        return undefined
      }
    },
  }
}
