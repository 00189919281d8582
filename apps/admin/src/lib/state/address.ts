/** The part of an address that holds filters. */
interface Place {
  readonly pathname: string
  readonly search: string
}

/** The same address with a filter set or, with an empty value, taken away. */
export function withParameter({ pathname, search }: Place, name: string, value: string): string {
  const next = new URLSearchParams(search)
  if (value === '') next.delete(name)
  else next.set(name, value)
  return next.size === 0 ? pathname : `${pathname}?${next.toString()}`
}
