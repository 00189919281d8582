import { hashText } from '../wire/hash.ts'
import type { UpstreamProfile } from './profile.ts'

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/**
 * The id under which a call goes to the target. Depends on nothing but the id and the profile, so that call and result
 * always agree, in every request of a conversation.
 */
export function wireCallId(id: string, profile: UpstreamProfile): string {
  const { callIds, idLimit } = profile.dialect
  if (callIds === 'nine-alphanumeric') return /^[a-zA-Z0-9]{9}$/.test(id) ? id : nineLetters(id)
  const isLegal = profile.format === 'anthropic-messages' ? /^[a-zA-Z0-9_-]+$/.test(id) : id !== ''
  if (isLegal && id.length <= idLimit) return id
  // The hash keeps `a.b` and `a:b` apart.
  const safe = isLegal || id === '' ? '' : `${id.replaceAll(/[^a-zA-Z0-9_-]/g, '_')}_${hashText(id, 1)}`
  return safe !== '' && safe.length <= idLimit ? safe : `call_${hashText(id, 4)}`
}

function nineLetters(id: string): string {
  const hex = hashText(id, 2)
  let rest = BigInt(`0x${hex}`)
  let letters = ''
  for (let index = 0; index < 9; index += 1) {
    letters += ALPHANUMERIC[Number(rest % 62n)] ?? 'A'
    rest /= 62n
  }
  return letters
}
