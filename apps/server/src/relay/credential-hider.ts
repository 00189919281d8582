import type { Failure } from '@relay/format-converter'

/** Takes an account's credential out of what its upstream says: some services repeat it in their errors. */
export interface CredentialHider {
  hideInText(text: string): string
  hideInFailure(failure: Failure): Failure
  /** For output that ends in an error event; anything without the credential stays the very same. */
  hideInOutput(output: string | Uint8Array): string | Uint8Array
}

const MASK = '***'

/** Shorter ones are words such as `none`, as local servers want them; masking those would spoil ordinary text. */
const MIN_SECRET_CHARACTERS = 8

export function createCredentialHider(credential: string | undefined): CredentialHider {
  if (credential === undefined || credential.length < MIN_SECRET_CHARACTERS) {
    return { hideInText: (text) => text, hideInFailure: (failure) => failure, hideInOutput: (output) => output }
  }
  /** As it stands inside a JSON string. */
  const escaped = JSON.stringify(credential).slice(1, -1)
  const hideInText = (text: string): string => text.replaceAll(credential, MASK).replaceAll(escaped, MASK)
  return {
    hideInText,
    hideInFailure: (failure) => JSON.parse(hideInText(JSON.stringify(failure))) as Failure, // plain data, one word replaced
    hideInOutput: (output) => {
      if (typeof output === 'string') return hideInText(output)
      const bytes = Buffer.from(output.buffer, output.byteOffset, output.byteLength)
      return bytes.includes(escaped) ? Buffer.from(hideInText(bytes.toString('utf8'))) : output
    },
  }
}
