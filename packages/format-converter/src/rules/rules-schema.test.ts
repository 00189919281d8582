import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'

import schema from '../../rules.schema.json' with { type: 'json' }
import { OPERATION_NAMES } from './compile-operation.ts'
import { compileRules, RULE_PHASES } from './compile-rules.ts'

const validate = new Ajv2020({ strict: false }).compile(schema)

const CONDITION = {
  all: [{ path: '/n', gt: 1 }, { any: [{ path: '/a', exists: true }, { not: { path: '/b', eq: null } }] }],
}

/** One of each, as a rule may hold it. */
const OPERATIONS = [
  { op: 'set', path: '/n', value: 1 },
  { op: 'default', path: '/provider', value: { order: ['a b'] }, if: CONDITION },
  { op: 'remove', path: '/tools/*/function/strict' },
  { op: 'rename', path: '/max_tokens', to: '/max_new_tokens' },
  { op: 'move', path: '/top_k', to: '/k' },
  { op: 'copy', path: '/top_k', to: '/k' },
  { op: 'clamp', path: '/max_tokens', max: 8192 },
  { op: 'round', path: '/top_k' },
  { op: 'mapValue', path: '/reasoning_effort', map: { xhigh: 'high' }, else: null },
  { op: 'append', path: '/stop', value: 'x' },
  { op: 'prepend', path: '/model', value: 'vendor/' },
  { op: 'filterArray', path: '/tools', where: { path: '/type', in: ['function'] } },
  { op: 'limitArray', path: '/stop', max: 4, keep: 'last' },
  { op: 'dropBlocks', kind: 'reasoning' },
  { op: 'header.set', name: 'x-title', value: 'relay' },
  { op: 'header.remove', name: 'user-agent' },
  { op: 'warn', message: 'seeds are not kept' },
  { op: 'reject', message: 'no', status: 422, if: { path: '/n', matches: '*' } },
]

const FILE = {
  $schema: './rules.schema.json',
  version: 1,
  rules: [
    {
      id: 'all',
      description: 'one of each',
      enabled: true,
      phase: 'request.upstream',
      when: { client: ['openai-chat'], upstream: ['anthropic-messages'], model: ['a*', 'b?'], stream: false },
      ops: OPERATIONS,
    },
    { id: 'e', phase: 'event', when: { event: 'content_block_*' }, ops: [{ op: 'dropBlocks', kind: 'reasoning' }] },
  ],
  tests: [
    {
      name: 'a test',
      phase: 'request.upstream',
      context: { client: 'openai-chat', model: 'a1', stream: false },
      input: { model: 'a1' },
      expect: { body: {}, applied: ['all'], headers: { 'user-agent': null }, rejected: 'no' },
    },
  ],
}

describe('the schema of the language', () => {
  test('takes what the compiler takes', () => {
    expect(compileRules(FILE)).toMatchObject({ ok: true })
    expect({ isValid: validate(FILE), errors: validate.errors }).toEqual({ isValid: true, errors: null })
  })

  test('knows every operation and every phase', () => {
    expect(OPERATIONS.map(({ op }) => op).toSorted()).toEqual([...OPERATION_NAMES].toSorted())
    expect(schema.$defs.phase.enum).toEqual(RULE_PHASES)
  })

  test.for<[string, unknown]>([
    ['another version', { ...FILE, version: 2 }],
    ['an unknown member', { ...FILE, more: 1 }],
    ['no rules', { version: 1 }],
    ['an odd id', withRule({ id: 'a b' })],
    ['an unknown phase', withRule({ phase: 'later' })],
    ['an unknown format', withRule({ when: { client: ['claude'] } })],
    ['no operation', withRule({ ops: [] })],
    ['an unknown operation', withRule({ ops: [{ op: 'replace', path: '/n' }] })],
    ['a path that is none', withRule({ ops: [{ op: 'remove', path: 'n' }] })],
    ['a bad escape', withRule({ ops: [{ op: 'remove', path: '/~' }] })],
    ['a missing value', withRule({ ops: [{ op: 'set', path: '/n' }] })],
    ['a clamp without bounds', withRule({ ops: [{ op: 'clamp', path: '/n' }] })],
    ['a map of nothing', withRule({ ops: [{ op: 'mapValue', path: '/n', map: {} }] })],
    ['a map to objects', withRule({ ops: [{ op: 'mapValue', path: '/n', map: { a: {} } }] })],
    ['half a limit', withRule({ ops: [{ op: 'limitArray', path: '/stop', max: 1.5 }] })],
    ['blocks that nobody drops', withRule({ ops: [{ op: 'dropBlocks', kind: 'text' }] })],
    ['a status of the server', withRule({ ops: [{ op: 'reject', message: 'x', status: 500 }] })],
    ['a condition about nothing', withRule({ ops: [{ op: 'warn', message: 'x', if: { path: '/n' } }] })],
    ['a test that expects nothing', { ...FILE, tests: [{ name: 'a', phase: 'event', input: {}, expect: {} }] }],
  ])('refuses %s, as the compiler does', ([, file]) => {
    expect({ schema: validate(file), compiler: compileRules(file).ok }).toEqual({ schema: false, compiler: false })
  })
})

function withRule(changes: Readonly<Record<string, unknown>>): unknown {
  return { version: 1, rules: [{ id: 'a', phase: 'request.client', ops: [{ op: 'remove', path: '/n' }], ...changes }] }
}
