/** Deeper parts of a schema are filled with null. */
const MAX_DEPTH = 6
/** Lists and objects are filled no further. */
const MAX_PARTS = 50

/**
 * A simple value that fits a JSON Schema: constants, defaults and first choices where there are any,
 * only required properties, shortest lists.
 *
 * References and combinations other than a first `anyOf`/`oneOf` choice are not followed.
 */
export function fillFromSchema(schema: unknown, depth = 0): unknown {
  if (typeof schema !== 'object' || schema === null || depth > MAX_DEPTH) return null
  const own = new Map<string, unknown>(Object.entries(schema))
  const fixed = ['const', 'default'].find((key) => own.has(key))
  if (fixed !== undefined) return own.get(fixed)
  const example = firstOf(own, ['enum', 'examples'])
  if (example !== undefined) return example
  const choice = firstOf(own, ['anyOf', 'oneOf'])
  return choice === undefined ? fillByType(own, depth) : fillFromSchema(choice, depth + 1)
}

/** The first entry of the first of these lists that has one. */
function firstOf(schema: ReadonlyMap<string, unknown>, keys: readonly string[]): unknown {
  return keys.map((key) => listOf(schema.get(key))[0]).find((first) => first !== undefined)
}

function fillByType(schema: ReadonlyMap<string, unknown>, depth: number): unknown {
  const type = schema.get('type')
  const name: unknown = Array.isArray(type) ? type[0] : type
  switch (name) {
    case 'string':
      return fillString(schema)
    case 'integer':
    case 'number':
      return numberOf(schema.get('minimum')) ?? 1
    case 'boolean':
      return false
    case 'array': {
      const length = Math.min(numberOf(schema.get('minItems')) ?? 0, MAX_PARTS)
      return Array.from({ length }, () => fillFromSchema(schema.get('items'), depth + 1))
    }
    case 'null':
      return null
    default:
      return fillObject(schema, depth)
  }
}

function fillString(schema: ReadonlyMap<string, unknown>): string {
  const length = Math.min(numberOf(schema.get('minLength')) ?? 0, 1000)
  return 'demo'.padEnd(length, '-')
}

function fillObject(schema: ReadonlyMap<string, unknown>, depth: number): unknown {
  const properties = schema.get('properties')
  const known = new Map<string, unknown>(
    typeof properties === 'object' && properties !== null ? Object.entries(properties) : [],
  )
  const required = listOf(schema.get('required')).slice(0, MAX_PARTS)
  const names = required.filter((name) => typeof name === 'string')
  return Object.fromEntries(names.map((name) => [name, fillFromSchema(known.get(name), depth + 1)]))
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
