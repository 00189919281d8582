/** Fields whose members are changed one by one: the server keeps those that are left out. */
type Merged<Fields> = readonly (keyof Fields & string)[]

/**
 * The fields that differ.
 *
 * @param merged - fields of which only the members that differ are sent, too
 * @returns what of `after` has to be sent: a field that nobody touched stays as it is, with all its precision, whoever changed it meanwhile
 */
export function changedFields<Fields extends object>(
  before: Fields,
  after: Fields,
  merged: Merged<Fields> = [],
): Partial<Fields> {
  const known = new Map<string, unknown>(Object.entries(before))
  const given: readonly (readonly [string, unknown])[] = Object.entries(after)
  const isMerged = (name: string): boolean => merged.some((field) => field === name)
  const changed = given
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(known.get(name)))
    .map(([name, value]) => [name, isMerged(name) ? changedMembers(known.get(name), value) : value] as const)
  return Object.fromEntries(changed) as Partial<Fields> // fields of `after`, with its values
}

function changedMembers(before: unknown, after: unknown): unknown {
  return isObject(before) && isObject(after) ? changedFields(before, after) : after
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
