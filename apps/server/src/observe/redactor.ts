/** Takes secrets out of text. One for the whole process. */
export interface Redactor {
  /** Makes a secret known: from now on its value never passes. Short ones are ignored: they would mask ordinary words. */
  hideSecret(secret: string): void
  /** Masks known secrets and whatever has the shape of one. Quotes and backslashes stay, so that JSON stays JSON. */
  redact(text: string): string
  /** The same for a name that comes again and again, such as a model's. */
  redactName(name: string): string
}

/** What stands in the place of a secret. */
export const MASK = '[redacted]'

const MIN_SECRET_CHARACTERS = 8
/** Far more accounts and keys than one process opens; the oldest are forgotten first. */
const MAX_KNOWN_SECRETS = 10_000
/** Names are cut before they come here: some megabytes at most. */
const MAX_SHOWN_NAMES = 1000

/** Shapes of secrets; the first group, where there is one, stays. None can backtrack, none can match a quote. */
const SHAPES: readonly RegExp[] = [
  /\b((?:bearer|basic)\s+)[\w.~+/=:-]{4,}/gi,
  /\b((?:sk|rk|rat|pk|gsk|xai|csk|hf|nvapi|pplx)-)[\w.-]{6,}/g,
  /\bAIza[\w-]{20,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g,
  /\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g,
  /([?&](?:[\w-]*[_-])?(?:key|token|secret|password|signature|credential)=)[^&\s"'\\#]+/gi,
  /((?:authorization|x-api-key|api-key|x-goog-api-key|cookie)\s*[:=]\s*)[^\s"'\\,;]+/gi,
  /(\/\/)[^\s/@"'\\]+(?=@)/g,
]

/** Makes a redactor that knows no secret yet. */
export function createRedactor(): Redactor {
  /** Secrets as they stand in text, and as they stand inside a JSON string. */
  const known = new Set<string>()
  const shownNames = new Map<string, string>()

  function hideSecret(secret: string): void {
    if (secret.length < MIN_SECRET_CHARACTERS || known.has(secret)) return
    shownNames.clear()
    known.add(secret)
    known.add(JSON.stringify(secret).slice(1, -1))
    for (const oldest of known) {
      if (known.size <= MAX_KNOWN_SECRETS) break
      known.delete(oldest)
    }
  }

  function redact(text: string): string {
    let shown = text
    for (const secret of known) {
      if (shown.includes(secret)) shown = shown.replaceAll(secret, MASK)
    }
    for (const shape of SHAPES) shown = shown.replace(shape, maskAllButPrefix)
    return shown
  }

  function redactName(name: string): string {
    const before = shownNames.get(name)
    if (before !== undefined) return before
    const shown = redact(name)
    if (shownNames.size >= MAX_SHOWN_NAMES) shownNames.clear()
    shownNames.set(name, shown)
    return shown
  }

  return { hideSecret, redact, redactName }
}

/** `prefix` is the first group, or the offset of the match in shapes without a group. */
function maskAllButPrefix(_match: string, prefix: unknown): string {
  return typeof prefix === 'string' ? `${prefix}${MASK}` : MASK
}
