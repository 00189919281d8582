import { argon2, createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'

/** What seals the secrets of a file. */
export type FileSecret =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  /** `ENCRYPTION_KEY`: for backups, which never leave the installation. */
  | { readonly kind: 'encryption-key'; readonly encryptionKey: string }

/** What a file says about how its secrets are sealed. */
export type SealHeader =
  | { readonly kdf: 'argon2id'; readonly memory: number; readonly passes: number; readonly salt: string }
  | { readonly kdf: 'encryption-key'; readonly salt: string; readonly keyId: string }

/** Seals the secrets of one file; what was sealed for one line opens for no other. */
export interface LineSealer {
  readonly header: SealHeader
  seal(text: string, line: number): string
  /** `undefined` when key, line or bytes are not those it was sealed with. */
  open(sealed: string, line: number): string | undefined
}

const argon2Async = promisify(argon2)
/** Memory in KiB and passes of argon2id: a file can be tried offline, so it costs more than a login. */
const COST = { memory: 65_536, passes: 3 } as const
/** What is believed of a file that somebody else has made: more would be a way to use up memory. */
const MOST = { memory: 1_048_576, passes: 20 } as const
const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Makes the sealer of a new file. */
export async function createLineSealer(secret: FileSecret): Promise<LineSealer> {
  const salt = randomBytes(16).toString('base64url')
  const header: SealHeader =
    secret.kind === 'passphrase'
      ? { kdf: 'argon2id', ...COST, salt }
      : { kdf: 'encryption-key', salt, keyId: keyIdOf(secret.encryptionKey) }
  return sealerWith(header, await deriveFileKey(header, secret))
}

/**
 * Makes the sealer of a file that is there.
 *
 * @returns `undefined` when the secret is not of the kind that the file was made with, or its costs are absurd
 */
export async function openLineSealer(header: SealHeader, secret: FileSecret): Promise<LineSealer | undefined> {
  if (header.kdf === 'argon2id') {
    if (secret.kind !== 'passphrase' || header.memory > MOST.memory || header.passes > MOST.passes) return undefined
    return sealerWith(header, await deriveFileKey(header, secret))
  }
  if (secret.kind !== 'encryption-key' || header.keyId !== keyIdOf(secret.encryptionKey)) return undefined
  return sealerWith(header, await deriveFileKey(header, secret))
}

async function deriveFileKey(header: SealHeader, secret: FileSecret): Promise<Buffer> {
  const nonce = Buffer.from(header.salt, 'base64url')
  if (secret.kind === 'encryption-key' || header.kdf === 'encryption-key') {
    const key = secret.kind === 'encryption-key' ? secret.encryptionKey : ''
    return Buffer.from(hkdfSync('sha256', key, nonce, 'relay/export/v1', KEY_BYTES))
  }
  const { memory, passes } = header
  const message = secret.passphrase.normalize('NFC')
  return argon2Async('argon2id', { message, nonce, memory, passes, parallelism: 1, tagLength: KEY_BYTES })
}

/** Names a key without giving it away. */
function keyIdOf(encryptionKey: string): string {
  const id = hkdfSync('sha256', encryptionKey, '', 'relay/export-key-id/v1', 8)
  return createHash('sha256').update(Buffer.from(id)).digest('hex').slice(0, 12)
}

function sealerWith(header: SealHeader, key: Buffer): LineSealer {
  return {
    header,
    seal: (text, line) => {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(`line ${line}`))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return Buffer.concat([nonce, body]).toString('base64url')
    },
    open: (sealed, line) => {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
      const end = bytes.length - TAG_BYTES
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(`line ${line}`))
      decipher.setAuthTag(bytes.subarray(end))
      try {
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()]).toString('utf8')
      } catch {
        return undefined // another passphrase, or other bytes
      }
    },
  }
}
