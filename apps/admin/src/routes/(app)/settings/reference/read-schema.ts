/** A field as the reference shows it, with the fields inside it. */
export interface FieldLine {
  readonly name: string
  /** Such as `string`, `a | b`, `list of object`. */
  readonly type: string
  readonly isRequired: boolean
  readonly description: string
  readonly fields: readonly FieldLine[]
}

type Json = Readonly<Record<string, unknown>>

/** Deeper than this nobody reads; it also ends schemas that contain themselves. */
const MAX_DEPTH = 5

/**
 * The fields of a JSON schema: those of an object, of a list's entries, of a map's values, and of all alternatives.
 *
 * @param root - where `$ref` leads to
 */
export function readFields(schema: Json, root: Json = schema, depth = 0): readonly FieldLine[] {
  if (depth >= MAX_DEPTH) return []
  const { properties, required, items, additionalProperties, anyOf, oneOf, allOf } = follow(schema, root)
  const needed = Array.isArray(required) ? required : []
  const own = Object.entries(asJson(properties) ?? {}).map(([name, value]): FieldLine => {
    const field = asJson(value) ?? {}
    return {
      name,
      type: describeType(field, root),
      isRequired: needed.includes(name),
      description: typeof field['description'] === 'string' ? field['description'] : '',
      fields: readFields(field, root, depth + 1),
    }
  })
  const inside = [items, additionalProperties, ...listOf(anyOf), ...listOf(oneOf), ...listOf(allOf)].flatMap((each) => {
    const inner = asJson(each)
    return inner === undefined ? [] : readFields(inner, root, depth + 1)
  })
  const names = new Set<string>()
  return [...own, ...inside].filter(({ name }) => !names.has(name) && names.add(name))
}

/** What a value may be, in a few words of JSON Schema. */
export function describeType(schema: Json, root: Json = schema, depth = 0): string {
  const { type, items, anyOf, oneOf, additionalProperties, ...field } = follow(schema, root)
  if (Array.isArray(field['enum'])) return field['enum'].map(String).join(' | ')
  if (field['const'] !== undefined) return JSON.stringify(field['const'])
  const inner = (value: unknown): string => {
    const found = asJson(value)
    return found === undefined || depth >= MAX_DEPTH ? '' : describeType(found, root, depth + 1)
  }
  const variants = [...listOf(anyOf), ...listOf(oneOf)]
  if (variants.length > 0) return [...new Set(variants.map(inner))].join(' | ')
  if (type === 'array') return `${inner(items)}[]`
  if (type === 'object' && asJson(additionalProperties) !== undefined) return `{ *: ${inner(additionalProperties)} }`
  return [type ?? ''].flat().map(String).join(' | ')
}

/** Where `$ref` leads within the same schema; what leads nowhere stays as it is. */
function follow(schema: Json, root: Json): Json {
  const reference = schema['$ref']
  if (typeof reference !== 'string' || !reference.startsWith('#')) return schema
  let found: unknown = root
  for (const step of reference.split('/').slice(1)) found = asJson(found)?.[decodeURIComponent(step)]
  return asJson(found) ?? schema
}

function asJson(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined // checked on this line
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
