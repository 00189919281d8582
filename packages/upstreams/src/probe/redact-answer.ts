const KEY_SHAPED = /\b(?:(?:sk|pk|key|org)[-_]|bearer )[\w*.-]{6,}/gi
const CONTROL = /\p{Cc}+/gu

/** Characters of an answer that are shown to an operator. */
const MAX_SHOWN = 400

/** What an upstream said, without the credential, without anything that has the shape of one, on one line. */
export function redactAnswer(text: string, secret: string | undefined): string {
  const known = secret === undefined || secret === '' ? text : text.replaceAll(secret, '[redacted]')
  return known.replace(KEY_SHAPED, '[redacted]').replace(CONTROL, ' ')
}

/** The beginning of an answer as an operator may see it. */
export function showAnswer(text: string, secret: string | undefined): string {
  // redacted first: a cut through a credential would leave a part of it
  const shown = redactAnswer(text.slice(0, MAX_SHOWN * 10), secret)
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown
}
