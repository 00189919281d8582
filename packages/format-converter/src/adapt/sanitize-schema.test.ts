import { describe, expect, test } from 'vitest'

import type { JsonObject } from '../model/json.ts'
import { sanitizeToolSchema } from './sanitize-schema.ts'
import { sanitizeStructuredSchema, satisfiesStrictSubset } from './structured-schema.ts'

function sanitized(
  schema: JsonObject,
  sanitize: typeof sanitizeStructuredSchema = sanitizeToolSchema,
): { schema: JsonObject; marks: string[] } {
  const marks: string[] = []
  return { schema: sanitize(schema, { path: '/s', report: (loss) => marks.push(`${loss.code}:${loss.level}`) }), marks }
}

/** One of several alternatives, by the name of its kind. */
function kind(name: string): JsonObject {
  return { properties: { kind: { const: name } }, required: ['kind'] }
}

describe('schemas of tools', () => {
  test('a legal schema is the very same object', () => {
    const schema = { type: 'object', properties: { a: { $ref: '#/$defs/b' } }, $defs: { b: { type: 'string' } } }
    expect(sanitized(schema)).toEqual({ schema, marks: [] })
    expect(sanitized(schema).schema).toBe(schema)
  })

  test('notes at the root go, a missing type comes', () => {
    expect(sanitized({ $schema: 'x', $id: 'y', $comment: 'z', properties: {} }).schema).toEqual({
      type: 'object',
      properties: {},
    })
  })

  test('keywords that are null, as Go writes what is empty, go; null as a value stays', () => {
    const inner = { type: 'array', items: null, default: null }
    expect(sanitized({ type: 'object', properties: null, required: null })).toEqual({
      schema: { type: 'object' },
      marks: ['schema_sanitized:repaired'],
    })
    expect(sanitized({ type: 'object', properties: { a: inner, b: { const: null } } }).schema).toEqual({
      type: 'object',
      properties: { a: { type: 'array', default: null }, b: { const: null } },
    })
    expect(sanitized({ properties: null }).schema).toEqual({ type: 'object', properties: {} })
  })

  test('what allOf asks for is all asked for', () => {
    const schema = {
      allOf: [{ properties: { a: {} }, required: ['a'] }, { $ref: '#/$defs/b' }],
      $defs: { b: { properties: { b: {} }, required: ['b'] } },
    }
    expect(sanitized(schema)).toEqual({
      schema: { type: 'object', properties: { a: {}, b: {} }, required: ['a', 'b'], $defs: schema.$defs },
      marks: ['schema_root_union:degraded'],
    })
  })

  test.for(['anyOf', 'oneOf'])('what tells the alternatives of %s apart may be any of theirs', (union) => {
    const first = { ...kind('a'), required: ['kind', 'x'] }
    expect(sanitized({ [union]: [first, kind('b'), kind('b')] })).toEqual({
      schema: {
        type: 'object',
        properties: { kind: { anyOf: [{ const: 'a' }, { const: 'b' }] } },
        required: ['kind'],
      },
      marks: ['schema_root_union:degraded'],
    })
    const based = { type: 'object', properties: { kind: { type: 'string' } }, [union]: [kind('a'), kind('b')] }
    expect(sanitized(based).schema['properties']).toEqual({ kind: { type: 'string' } })
  })

  test('what allOf says of one property holds together', () => {
    const parts = [{ properties: { a: { minLength: 3 } } }, { properties: { a: { maxLength: 5 } } }]
    const schema = { type: 'object', properties: { a: { type: 'string' } }, allOf: parts }
    expect(sanitized(schema).schema['properties']).toEqual({
      a: { allOf: [{ type: 'string' }, { minLength: 3 }, { maxLength: 5 }] },
    })
  })

  test('a reference as root is followed', () => {
    const schema = { $ref: '#/$defs/args', $defs: { args: { type: 'object', properties: { a: {} } } } }
    expect(sanitized(schema).schema).toEqual({ type: 'object', properties: { a: {} }, $defs: schema.$defs })
  })

  test('a nullable object is an object', () => {
    expect(sanitized({ type: ['object', 'null'], properties: {} })).toEqual({
      schema: { type: 'object', properties: {} },
      marks: ['schema_sanitized:repaired'],
    })
  })

  test('arguments that are no object are wrapped, and said to be', () => {
    expect(sanitized({ type: 'string' })).toEqual({
      schema: { type: 'object', properties: { value: { type: 'string' } }, required: ['value'] },
      marks: ['schema_sanitized:repaired'],
    })
  })

  test('references are looked for in schemas only', () => {
    const schema = {
      type: 'object',
      properties: { a: { enum: [{ $ref: '#/nowhere' }], default: { $ref: '#/nowhere' } } },
    }
    expect(sanitized(schema).schema).toBe(schema)
  })

  test('percent signs and slashes in names are found', () => {
    const schema = {
      type: 'object',
      properties: { a: { $ref: '#/$defs/x~1y' }, b: { $ref: '#/$defs/50%' } },
      $defs: { 'x/y': {}, '50%': {} },
    }
    expect(sanitized(schema).schema).toBe(schema)
  })
})

describe('structured output', () => {
  test('oneOf becomes anyOf, odd formats go, objects close', () => {
    const schema = { type: 'object', properties: { a: { oneOf: [{ type: 'string', format: 'phone' }] } } }
    expect(sanitized(schema, sanitizeStructuredSchema)).toEqual({
      schema: { type: 'object', properties: { a: { anyOf: [{ type: 'string' }] } }, additionalProperties: false },
      marks: ['schema_sanitized:repaired'],
    })
  })

  test('a second run changes nothing', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 3 } },
      additionalProperties: true,
    }
    const once = sanitized(schema, sanitizeStructuredSchema)
    expect(once.marks).toEqual(['schema_sanitized:degraded'])
    expect(sanitized(once.schema, sanitizeStructuredSchema)).toEqual({ schema: once.schema, marks: [] })
  })
})

test.for([
  [{ type: 'object', properties: { a: {} }, required: ['a'], additionalProperties: false }, true],
  [{ type: 'object', properties: {}, additionalProperties: false }, true],
  [{ type: 'object', properties: { a: {} }, additionalProperties: false }, false],
  [{ type: 'object', properties: { a: {} }, required: ['a'] }, false],
  [{ type: 'object', properties: { a: { allOf: [] } }, required: ['a'], additionalProperties: false }, false],
  [{ type: 'object', properties: { a: { type: 'object' } }, required: ['a'], additionalProperties: false }, false],
  [
    { type: 'object', properties: { a: { anyOf: [{ type: 'null' }] } }, required: ['a'], additionalProperties: false },
    true,
  ],
] as const)('%j is strict: %s', ([schema, isStrict]) => {
  expect(satisfiesStrictSubset(schema)).toBe(isStrict)
})
