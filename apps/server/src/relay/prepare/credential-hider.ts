import type { Failure } from '@relay/format-converter'

/** Takes an account's credential and address out of what its upstream says: some services repeat them in their errors. */
export interface CredentialHider {
  hideInText(text: string): string
  hideInFailure(failure: Failure): Failure
  /** For output that ends in an error event; anything without them stays the very same. */
  hideInOutput(output: string | Uint8Array): string | Uint8Array
}

const MASK = '***'

/** Shorter ones are words such as `none`, as local servers want them; masking those would spoil ordinary text. */
const MIN_SECRET_CHARACTERS = 8

/**
 * @param baseUrl - where the upstream is, which is the operator's business; left out where the operator is who reads
 */
export function createCredentialHider(credential: string | undefined, baseUrl?: string): CredentialHider {
  const words = [...secretWords(credential), ...(baseUrl === undefined ? [] : placeWords(baseUrl))]
  const hideInText = (text: string): string => words.reduce((hidden, word) => hidden.replaceAll(word, MASK), text)
  return {
    hideInText,
    hideInFailure: (failure) => JSON.parse(hideInText(JSON.stringify(failure))) as Failure, // plain data, one word replaced
    hideInOutput: (output) => {
      if (typeof output === 'string') return hideInText(output)
      const bytes = Buffer.from(output.buffer, output.byteOffset, output.byteLength)
      return words.some((word) => bytes.includes(word)) ? Buffer.from(hideInText(bytes.toString('utf8'))) : output
    },
  }
}

function secretWords(credential: string | undefined): readonly string[] {
  if (credential === undefined || credential.length < MIN_SECRET_CHARACTERS) return []
  const escaped = JSON.stringify(credential).slice(1, -1) // as it stands inside a JSON string
  return escaped === credential ? [credential] : [credential, escaped]
}

/** There are about as many as accounts, and each is asked for again and again. */
const MAX_PLACES = 1000
const NOWHERE = { host: '', hostname: '' }
const places = new Map<string, readonly string[]>()

/** Host with port, and host alone; a host of one label may be any word. */
function placeWords(baseUrl: string): readonly string[] {
  const known = places.get(baseUrl)
  if (known !== undefined) return known
  const { host, hostname } = URL.canParse(baseUrl) ? new URL(baseUrl) : NOWHERE
  const words = [host, hostname].filter((word, index, both) => /[.:]/.test(word) && both.indexOf(word) === index)
  if (places.size >= MAX_PLACES) places.clear()
  places.set(baseUrl, words)
  return words
}
