/** The address with other parameters: `undefined` or an empty value takes one away, the rest stays. */
export function withParameters(
  url: { readonly href: string },
  changes: Readonly<Record<string, string | undefined>>,
): string {
  const changed = new URL(url.href)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') changed.searchParams.delete(name)
    else changed.searchParams.set(name, value)
  }
  return changed.pathname + changed.search
}
