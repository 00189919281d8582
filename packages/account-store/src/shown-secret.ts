import { hash, randomBytes } from 'node:crypto'

/** No key is longer; a longer text is not worth a hash. */
const MAX_CHARACTERS = 256
const SALT = randomBytes(32).toString('base64')

/**
 * A secret as a client sent it. Where the same one comes again and again, as on a connection, the object is kept for as long:
 * its hash is made once, and that is the dearest part of a look-up.
 */
export class ShownSecret {
  readonly text: string
  #slot: string | undefined

  constructor(text: string) {
    this.text = text
  }

  /**
   * What it is filed under: a hash with a salt of this process, so that nothing can be learned from how long a look-up
   * takes. `undefined` for a text that can be nobody's.
   */
  get slot(): string | undefined {
    if (this.text === '' || this.text.length > MAX_CHARACTERS) return undefined
    return (this.#slot ??= hash('sha256', SALT + this.text, 'base64'))
  }
}

export function toShownSecret(secret: string | ShownSecret): ShownSecret {
  return typeof secret === 'string' ? new ShownSecret(secret) : secret
}
