/** Short names of choices that are taken for the spelled-out ones, for those who write them by hand. */
const SPELLED_OUT: ReadonlyMap<string, string> = new Map([
  ['bufferToolArgs', 'bufferToolArguments'],
  ['lenientEof', 'lenientEnd'],
  ['maxOutput', 'maxOutputTokens'],
  ['repeatsArgs', 'repeatsArguments'],
])

/** What was chosen, without members that are `undefined`: they must not hide what lies below. */
export function chosen<Shape extends object>(choices: Shape | undefined): Partial<Shape> {
  const entries = Object.entries(choices ?? {}).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [SPELLED_OUT.get(name) ?? name, value])) as Partial<Shape>
}
