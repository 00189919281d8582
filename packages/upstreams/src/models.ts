/** A model map: what clients ask for → what is sent. */
export type ModelMap = Readonly<Record<string, string>>

/** Longer names are never looked up; no vendor's name comes near. */
const MAX_NAME_LENGTH = 512

/**
 * Looks a model up in an account's map.
 *
 * An exact name wins over patterns; among patterns the one with most literal characters wins. The
 * target `*` passes the name through; a `*` inside a longer target stands for what the pattern's
 * first `*` matched (`"gpt-*": "openai/gpt-*"`).
 *
 * @returns the name to send; `undefined` when this account does not serve the model
 */
export function resolveModel(models: ModelMap | undefined, asked: string): string | undefined {
  if (models === undefined) return asked
  const { isEmpty, patterns } = patternsOf(models)
  if (isEmpty) return asked
  if (!asked.includes('*') && Object.hasOwn(models, asked)) return fillTarget(models[asked], asked, asked)
  if (asked.length > MAX_NAME_LENGTH) return undefined
  return resolvePattern(patterns, asked)
}

/** A name with stars in it, cut at them. */
interface Pattern {
  readonly head: string
  readonly middle: readonly string[]
  readonly tail: string
  readonly target: string
}

interface Patterns {
  readonly isEmpty: boolean
  /** The one with most literal characters first. */
  readonly patterns: readonly Pattern[]
}

/** A map is never changed, so its patterns are taken apart once. */
const known = new WeakMap<ModelMap, Patterns>()

function patternsOf(models: ModelMap): Patterns {
  const found = known.get(models)
  if (found !== undefined) return found
  const entries = Object.entries(models)
  const patterns = entries
    .filter(([name]) => name.includes('*'))
    .map(([name, target]) => toPattern(name, target))
    .toSorted((one, other) => letters(other) - letters(one))
  const taken = { isEmpty: entries.length === 0, patterns }
  known.set(models, taken)
  return taken
}

/** The exact names of a map, in its order: what a model list can show. */
export function exactModelNames(models: ModelMap | undefined): readonly string[] {
  return Object.keys(models ?? {}).filter((name) => !name.includes('*'))
}

function toPattern(name: string, target: string): Pattern {
  const [head = '', ...middle] = name.split('*')
  const tail = middle.pop() ?? ''
  return { head, middle, tail, target }
}

function letters({ head, middle, tail }: Pattern): number {
  return head.length + middle.join('').length + tail.length
}

function resolvePattern(patterns: readonly Pattern[], asked: string): string | undefined {
  for (const pattern of patterns) {
    const star = matchPattern(pattern, asked)
    if (star !== undefined) return fillTarget(pattern.target, asked, star)
  }
  return undefined
}

function fillTarget(target: string | undefined, asked: string, star: string): string {
  if (target === undefined || target === '*' || target === '') return asked
  // A function, so that `$&` in a name stays what it is.
  return target.replace('*', () => star)
}

/**
 * Matches with `*` for any run of characters; each part between stars is taken at its first
 * occurrence, so the cost has no exponent.
 *
 * @returns what the first `*` stood for (with later stars: up to the next part); `undefined` without a match
 */
function matchPattern({ head, middle, tail }: Pattern, name: string): string | undefined {
  if (!name.startsWith(head) || name.length < head.length + tail.length) return undefined
  const end = name.length - tail.length
  if (!name.endsWith(tail)) return undefined
  let position = head.length
  let starEnd = end
  for (const [index, part] of middle.entries()) {
    const found = name.indexOf(part, position)
    if (found === -1 || found + part.length > end) return undefined
    if (index === 0) starEnd = found
    position = found + part.length
  }
  return name.slice(head.length, starEnd)
}
