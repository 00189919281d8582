/**
 * Tells whether a name fits a pattern in which `*` stands for any characters, also none.
 *
 * @remarks Runs in time linear in the name for each `*`; no regular expression is built from foreign text.
 */
export function fitsPattern(pattern: string, name: string): boolean {
  const [first = '', ...others] = pattern.split('*')
  const last = others.pop()
  if (last === undefined) return pattern === name
  if (!name.startsWith(first)) return false
  let position = first.length
  for (const part of others) {
    const found = name.indexOf(part, position)
    if (found < 0) return false
    position = found + part.length
  }
  return name.length - last.length >= position && name.endsWith(last)
}
