import { checkText, refuseField, shown } from '../check-field.ts'

/** The name of a time zone that this machine knows. */
export function checkTimeZone(field: string, value: unknown): string {
  const name = checkText(field, value, { min: 1, max: 64 })
  if (name === 'UTC') return name // known without the tables of time zones, which take a while to load
  try {
    Intl.DateTimeFormat('en', { timeZone: name })
    return name
  } catch {
    // It throws for a name that it does not know, and for nothing else.
    return refuseField(
      field,
      `is ${shown(name)}, which is not the IANA name of a time zone such as Europe/Berlin or UTC`,
      { code: 'time-zone', value: shown(name) },
    )
  }
}
