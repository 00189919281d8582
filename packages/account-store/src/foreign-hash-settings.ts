import { checkChoice, checkObject, checkText, refuseField } from './check-field.ts'
import type { ForeignHash } from './relay-key.ts'

const SHA256_HEX = /^[0-9a-f]{64}$/

/**
 * Checks the hash of a key of another system.
 *
 * @throws StoreError `invalid-input`, without the suffix
 */
export function checkForeignHash(value: ForeignHash): ForeignHash {
  const { scheme, suffix, hash } = checkObject('foreignHash', value)
  const digits = checkText('foreignHash.hash', hash, { min: 64, max: 64 }).toLowerCase()
  if (!SHA256_HEX.test(digits)) refuseField('foreignHash.hash', 'is not 64 hexadecimal digits')
  return {
    scheme: checkChoice('foreignHash.scheme', scheme, ['sha256-suffix']),
    suffix: checkText('foreignHash.suffix', suffix, { min: 0, max: 1000 }),
    hash: digits,
  }
}
