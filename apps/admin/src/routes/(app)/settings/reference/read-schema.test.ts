import { expect, test } from 'vitest'

import { describeType, readFields } from './read-schema.ts'

const text = { type: 'string' }

test('fields of objects, lists, maps and alternatives are found, each with its type', () => {
  const schema = {
    type: 'object',
    required: ['accounts'],
    properties: {
      accounts: { type: 'array', items: { type: 'object', properties: { name: text }, required: ['name'] } },
      models: { type: 'object', additionalProperties: text },
      state: { enum: ['on', 'off'], description: 'Whether it runs' },
      place: { anyOf: [{ type: 'object', properties: { url: text } }, { type: 'null' }] },
    },
  }
  const fields = readFields(schema)
  expect(fields.map(({ name, type, isRequired }) => [name, type, isRequired])).toEqual([
    ['accounts', 'object[]', true],
    ['models', '{ *: string }', false],
    ['state', 'on | off', false],
    ['place', 'object | null', false],
  ])
  expect(fields[0]?.fields).toMatchObject([{ name: 'name', type: 'string', isRequired: true }])
  expect(fields[2]?.description).toBe('Whether it runs')
  expect(fields[3]?.fields).toMatchObject([{ name: 'url' }])
})

test('references are followed, also those of a schema that contains itself', () => {
  const schema = {
    $ref: '#/$defs/Node',
    $defs: { Node: { type: 'object', properties: { value: text, next: { $ref: '#/$defs/Node' } } } },
  }
  const fields = readFields(schema)
  expect(fields.map(({ name, type }) => [name, type])).toEqual([
    ['value', 'string'],
    ['next', 'object'],
  ])
  expect(fields[1]?.fields[1]?.fields[0]).toMatchObject({ name: 'value' })
  expect(describeType({ $ref: '#/nowhere' })).toBe('')
})
