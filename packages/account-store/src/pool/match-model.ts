/**
 * Finds what is sent to an upstream for the model a client asked for.
 *
 * An exact name wins over any wildcard, the longest wildcard over shorter ones. The target `*` passes the name through.
 *
 * @param models - what clients ask for → what is sent; `undefined` passes everything through
 * @returns the name to send, or `undefined` when the account does not serve the model
 */
export function matchModel(models: Readonly<Record<string, string>> | undefined, asked: string): string | undefined {
  if (models === undefined) return asked
  const target = Object.hasOwn(models, asked) ? models[asked] : models[longestMatch(Object.keys(models), asked) ?? '']
  return target === '*' ? asked : target
}

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

function longestMatch(patterns: readonly string[], asked: string): string | undefined {
  let best: string | undefined
  for (const pattern of patterns) {
    const isCandidate = pattern.includes('*') && fitsPattern(pattern, asked)
    if (isCandidate && (best === undefined || pattern.length > best.length)) best = pattern
  }
  return best
}
