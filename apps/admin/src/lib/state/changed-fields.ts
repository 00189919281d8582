/**
 * The fields that differ.
 *
 * @returns what of `after` has to be sent: a field that nobody touched stays as it is, with all its precision, whoever changed it meanwhile
 */
export function changedFields<Fields extends object>(before: Fields, after: Fields): Partial<Fields> {
  const known = new Map(Object.entries(before).map(([name, value]) => [name, JSON.stringify(value)]))
  const changed = Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== known.get(name))
  return Object.fromEntries(changed) as Partial<Fields> // fields of `after`, with its values
}
