/** Below this, `reliability` 11.1 refuses a secret. */
const MIN_SECRET_CHARACTERS = 32

/** A command that prints a good secret, on every machine that can run Relay. */
export const MAKE_SECRET_COMMAND = `node -p "require('node:crypto').randomBytes(48).toString('base64url')"`

/** Fewer different characters than this do not happen by chance in 32 random ones, not even in hexadecimal. */
const MIN_DIFFERENT_CHARACTERS = 8

/** Words of examples and templates, at least six letters long so that random text does not hold them by chance. */
const EXAMPLE_WORDS =
  /change[-_ ]?(?:me|this|it)|changeit|replace[-_ ]|your[-_ ](?:jwt|secret|encryption|key|own|super)|example|default|insecure|password|placeholder|secret[-_ ]?key|jwt[-_ ]?secret|encryption[-_ ]?key|supersecret|(?:dev|development)[-_ ](?:only|secret|key)/i

/**
 * Says what is wrong with a secret.
 *
 * @returns `undefined` for a good one; never contains the secret
 */
export function weaknessOf(secret: string): string | undefined {
  if (secret.length < MIN_SECRET_CHARACTERS) {
    return `has ${secret.length} characters, at least ${MIN_SECRET_CHARACTERS} are needed`
  }
  if (EXAMPLE_WORDS.test(secret)) return 'looks like an example or a default'
  if (new Set(secret).size < MIN_DIFFERENT_CHARACTERS) return 'repeats very few characters'
  if (isPeriodic(secret)) return 'repeats itself'
  if (isMostlySequence(secret)) return 'is mostly a sequence such as 0123456789'
  return undefined
}

/** The text consists of one shorter text, repeated. */
function isPeriodic(text: string): boolean {
  return (text + text).indexOf(text, 1) < text.length
}

function isMostlySequence(text: string): boolean {
  let steps = 0
  for (let index = 1; index < text.length; index += 1) {
    if (Math.abs(text.charCodeAt(index) - text.charCodeAt(index - 1)) === 1) steps += 1
  }
  return steps * 2 > text.length
}
