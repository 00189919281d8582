/** A number with what it counts: `1 key`, `2 keys`; with a verb, `1 key was`, `2 keys were`. */
export function amount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
