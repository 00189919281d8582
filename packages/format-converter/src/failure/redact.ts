/** Longest text of an upstream that is shown to a client, in UTF-16 units. */
const MAX_TEXT = 2_000

/** What is looked at: masking shortens text, so somewhat more than is shown. */
const MAX_SCANNED = 8_000

const MASK = '***'

/** Patterns of secrets and account names; the first group, where there is one, stays. No pattern can backtrack. */
const SECRETS: readonly RegExp[] = [
  /\b(bearer|basic) +[\w.~+/=:*-]{4,}/gi,
  /\b(sk|pk|rk|gsk|xai|csk|nvapi|hf|ghp|gho|ghs|r8|pplx)[-_][\w*.-]{4,}/g,
  /\b(org|proj|user|acct|ws|wrkspc)[-_][\w*]{6,}/g,
  /\bAIza[\w-]{20,}/g,
  /\bya29\.[\w.-]{10,}/g,
  /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}/g,
  /\barn:aws[\w-]*:[^\s"',)]+/g,
  /\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g,
  /\b((?:x-)?(?:api[-_ ]?|access[-_ ]?|secret[-_ ]?|client[-_ ]?|session[-_ ]?)?(?:key|token|secret|password|credential)s?["'`]? ?= ?["'`]?)(?!\d+\b)[^\s"'`&,;)]{4,}/gi,
  /\b(key|authorization|token|credential|secret|password)( provided| id)?(["'`]?[ :]{1,3}["'`]?)(?=[\w+/=.*-]*\d)[\w+/=.*-]{12,}/gi,
  /\/\/[^\s/@:]+:[^\s/@]+@/g,
  /\b[0-9a-f]{32,}\b/gi,
  /[\w.+-]+@[\w-]+\.[\w.-]+/g,
]

/** Replacements that keep more than the first group. */
const KEEP = [
  `$1 ${MASK}`,
  `$1-${MASK}`,
  `$1-${MASK}`,
  MASK,
  MASK,
  MASK,
  MASK,
  MASK,
  `$1${MASK}`,
  `$1$2$3${MASK}`,
  `//${MASK}@`,
  MASK,
  MASK,
]

/**
 * Masks credentials and account names in an upstream's text and cuts it to 2,000 characters.
 *
 * Masked: key prefixes (`sk-…`), `Bearer …`, `key=…`, organisation and project ids, cloud keys and resource names, JSON
 * web tokens, long hexadecimal strings, URL passwords and e-mail addresses.
 */
export function redact(text: string): string {
  let shown = text.length > MAX_SCANNED ? text.slice(0, MAX_SCANNED) : text
  SECRETS.forEach((pattern, index) => {
    shown = shown.replace(pattern, KEEP[index] ?? MASK)
  })
  return shown.length > MAX_TEXT ? `${cutCleanly(shown, MAX_TEXT - 1)}…` : shown
}

/** Never ends on the first half of a surrogate pair. */
function cutCleanly(text: string, length: number): string {
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd8_00 && last <= 0xdb_ff ? length - 1 : length)
}
