/** The same names with other values. */
export function mapValues<Name extends string, From, To>(
  record: Record<Name, From>,
  map: (value: From) => To,
): Record<Name, To> {
  const entries = Object.entries<From>(record).map(([name, value]) => [name, map(value)])
  return Object.fromEntries(entries) as Record<Name, To> // the names are those of the record
}
