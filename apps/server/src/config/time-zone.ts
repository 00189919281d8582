/** The name of a time zone as this machine writes it; `undefined` when it knows none by that name. */
export function knownTimeZone(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined // it throws for a name that it does not know, and for nothing else
  }
}
