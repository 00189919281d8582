/** What `undefined` is worth: it is not written. */
const NOTHING = 0

/**
 * How many characters a value has as JSON, but for what has to be escaped in texts: a look at the lengths, not at the
 * characters, so that a long conversation costs next to nothing.
 */
export function jsonSize(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return value.length + 2
    case 'number':
    case 'boolean':
      return String(value).length
    case 'object':
      return value === null ? 4 : sizeOfMembers(value)
    default:
      return NOTHING
  }
}

function sizeOfMembers(object: object): number {
  let size = 1 // one more than the commas: an opening and a closing sign, and a comma fewer than there are members
  if (Array.isArray(object)) {
    for (const item of object) size += jsonSize(item) + 1
    return Math.max(size, 2)
  }
  for (const [name, value] of Object.entries(object)) {
    if (value !== undefined) size += name.length + 4 + jsonSize(value)
  }
  return Math.max(size, 2)
}
