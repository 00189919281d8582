/** Text to base64url without padding, by way of UTF-8. */
export function encodeBase64Url(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** The reverse of {@link encodeBase64Url}; `undefined` when the text is not base64url of valid UTF-8. */
export function decodeBase64Url(text: string): string | undefined {
  return decodeBase64Text(text.replaceAll('-', '+').replaceAll('_', '/'))
}

/** The text in base64 data; `undefined` when it is not base64, or not UTF-8. */
export function decodeBase64Text(base64: string): string | undefined {
  try {
    const binary = atob(base64)
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined // the caller says what that means
  }
}
