import { describe, expect, test } from 'vitest'

import { compileRules } from './compile-rules.ts'

describe('a file of rules', () => {
  test('with every kind of rule compiles', () => {
    const file = {
      version: 1,
      rules: [
        {
          id: 'cap-output',
          when: { client: ['anthropic-messages'], upstream: ['openai-chat'], model: 'glm-*', stream: true },
          phase: 'request.upstream',
          ops: [
            { op: 'clamp', path: '/max_tokens', max: 8192 },
            { op: 'default', path: '/temperature', value: 0.7 },
            { op: 'remove', path: '/tools/*/function/strict' },
            { op: 'rename', path: '/max_tokens', to: '/max_new_tokens' },
          ],
        },
        {
          id: 'no-thinking-out',
          phase: 'event',
          when: { event: ['content_block_*'] },
          ops: [{ op: 'dropBlocks', kind: 'reasoning' }],
        },
        {
          id: 'ban-n',
          phase: 'request.client',
          ops: [{ op: 'reject', if: { path: '/n', gt: 1 }, message: 'n is not supported' }],
        },
        { id: 'off', enabled: false, phase: 'response', ops: [{ op: 'remove', path: '/system_fingerprint' }] },
        { id: 'switch', phase: 'request.ir', ops: [{ op: 'set', path: '/options/cacheTtl', value: 'roundUp' }] },
        { id: 'busy', phase: 'error', ops: [{ op: 'set', path: '/message', value: 'Please try again later.' }] },
      ],
    }
    const compiled = compileRules(file)
    expect(compiled).toMatchObject({ ok: true })
    if (!compiled.ok) return
    expect(compiled.rules.ids).toEqual(['cap-output', 'no-thinking-out', 'ban-n', 'switch', 'busy'])
    expect([...compiled.rules.phases].toSorted()).toEqual([
      'error',
      'event',
      'request.client',
      'request.ir',
      'request.upstream',
    ])
  })

  test.for<[string, unknown, string, string]>([
    ['no object', [], '', 'must be an object'],
    ['nothing', undefined, '', 'must be a JSON object'],
    ['an unknown version', { version: 2, rules: [] }, '/version', 'must be one of 1, not 2'],
    ['an unknown member', { version: 1, rules: [], rulez: [] }, '/rulez', 'is not known; known are $schema'],
    ['no rules', { version: 1 }, '/rules', 'must be a list; it is missing'],
    ['a rule without an id', rule({ id: undefined }), '/rules/0/id', 'must be a text'],
    ['an odd id', rule({ id: 'a b' }), '/rules/0/id', 'letters, digits'],
    ['an unknown phase', rule({ phase: 'request' }), '/rules/0/phase', 'must be one of request.client, request.ir'],
    ['an unknown format', rule({ when: { client: ['claude'] } }), '/rules/0/when/client/0', 'anthropic-messages'],
    ['events in a request', rule({ when: { event: 'x' } }), '/rules/0/when/event', 'is not known'],
    ['no operation', rule({ ops: [] }), '/rules/0/ops', 'must have 1 to 1000 entries'],
    ['an unknown operation', operation({ op: 'replace' }), '/rules/0/ops/0/op', 'must be one of set, default'],
    [
      'an unknown member of an operation',
      operation({ op: 'remove', path: '/n', to: '/m' }),
      '/rules/0/ops/0/to',
      'known',
    ],
    ['a path that is none', operation({ op: 'remove', path: 'n' }), '/rules/0/ops/0/path', 'JSON Pointer'],
    ['three wildcards', operation({ op: 'remove', path: '/a/*/*/*' }), '/rules/0/ops/0/path', 'more than two "*"'],
    ['a bad escape', operation({ op: 'remove', path: '/a~2' }), '/rules/0/ops/0/path', '"~"'],
    ['a missing value', operation({ op: 'set', path: '/n' }), '/rules/0/ops/0/value', 'is missing'],
    ['a clamp without bounds', operation({ op: 'clamp', path: '/n' }), '/rules/0/ops/0', 'needs min, max'],
    ['a clamp upside down', operation({ op: 'clamp', path: '/n', min: 2, max: 1 }), '/rules/0/ops/0', 'above'],
    ['a map of nothing', operation({ op: 'mapValue', path: '/n', map: {} }), '/rules/0/ops/0/map', 'maps nothing'],
    ['a rename elsewhere', operation({ op: 'rename', path: '/a/b', to: '/b' }), '/rules/0/ops/0/to', 'same object'],
    ['a move into itself', operation({ op: 'move', path: '/a', to: '/a/b' }), '/rules/0/ops/0/to', 'within'],
    ['a half limit', operation({ op: 'limitArray', path: '/stop', max: 1.5 }), '/rules/0/ops/0/max', 'whole number'],
    [
      'a status that is none',
      operation({ op: 'reject', message: 'no', status: 500 }),
      '/rules/0/ops/0/status',
      'from 400 to 499, not 500',
    ],
    ['a header in the client phase', operation({ op: 'header.remove', name: 'a' }), '/rules/0/ops/0/op', 'only in'],
    [
      'a condition about nothing',
      operation({ op: 'warn', message: 'x', if: { path: '/n' } }),
      '/rules/0/ops/0/if',
      'says',
    ],
    [
      'a rejection of an answer',
      rule({ phase: 'response', ops: [{ op: 'reject', message: 'x' }] }),
      '/rules/0/ops/0/op',
      'only in',
    ],
    [
      'a test that expects nothing',
      { version: 1, rules: [], tests: [{ name: 'a', phase: 'event', input: {}, expect: {} }] },
      '/tests/0/expect',
      'expects nothing',
    ],
  ])('with %s is refused at its place', ([, file, path, message]) => {
    const compiled = compileRules(file)
    expect(compiled).toMatchObject({ ok: false })
    if (compiled.ok) return
    expect(compiled.errors[0]).toEqual({ path, message: expect.stringContaining(message) })
  })

  test('names every mistake, each once, and not without end', () => {
    const two = compileRules({
      version: 1,
      rules: [
        { id: 'a', phase: 'event', ops: [{ op: 'x' }] },
        { id: 'a', phase: 1, ops: 2 },
      ],
    })
    expect(two.ok ? [] : two.errors.map(({ path }) => path)).toEqual([
      '/rules/0/ops/0/op',
      '/rules/1/id',
      '/rules/1/phase',
    ])
    const many = compileRules({ version: 1, rules: Array.from({ length: 100 }, () => 1) })
    expect(many.ok ? 0 : many.errors.length).toBe(50)
  })

  test.for<[string, unknown, string]>([
    [
      '101 rules',
      { version: 1, rules: Array.from({ length: 101 }, (_, index) => plain(`r${index}`, 1)) },
      'to 100 entries',
    ],
    ['1,001 operations', { version: 1, rules: [plain('a', 600), plain('b', 401)] }, 'have 1001 ops, allowed are 1000'],
    ['more than 64 KiB', { version: 1, rules: [], $schema: 'é'.repeat(33_000) }, 'allowed are 65536'],
    ['endless nesting', { version: 1, rules: nested(40) }, 'nested more than 32 levels'],
    ['nesting beyond the stack', { version: 1, rules: nested(200_000) }, 'no JSON'],
    ['a cycle', cycle(), 'no JSON'],
    ['what JSON has no word for', { version: 1, rules: [1n] }, 'no JSON'],
    ['five levels of conditions', operation({ op: 'warn', message: 'x', if: negated(4) }), 'more than 4 levels'],
  ])('with %s is out of bounds', ([, file, message]) => {
    const compiled = compileRules(file)
    expect(compiled.ok ? '' : compiled.errors[0]?.message).toContain(message)
  })

  test('within its bounds is fine', () => {
    expect(compileRules({ version: 1, rules: [plain('a', 600), plain('b', 400)] }).ok).toBe(true)
    expect(compileRules(operation({ op: 'warn', message: 'x', if: negated(3) })).ok).toBe(true)
  })

  test('is copied: later changes have no effect', () => {
    const value = { order: ['first'] }
    const file = operation({ op: 'set', path: '/provider', value })
    const compiled = compileRules(file)
    value.order.push('second')
    const context = { client: 'openai-chat', upstream: 'openai-chat', model: 'm', isStream: false } as const
    const run = compiled.ok ? compiled.rules.select('request.client', context) : undefined
    expect(run?.({ model: 'm', messages: [1] }).body['provider']).toEqual({ order: ['first'] })
  })
})

function rule(changes: Readonly<Record<string, unknown>>): unknown {
  const ops = [{ op: 'remove', path: '/n' }]
  return { version: 1, rules: [{ id: 'a', phase: 'request.client', ops, ...changes }] }
}

function operation(op: Readonly<Record<string, unknown>>): unknown {
  return rule({ ops: [op] })
}

function plain(id: string, count: number): unknown {
  return { id, phase: 'request.client', ops: Array.from({ length: count }, () => ({ op: 'remove', path: '/n' })) }
}

function nested(depth: number): unknown {
  let value: unknown = []
  for (let level = 0; level < depth; level += 1) value = [value]
  return value
}

function negated(times: number): unknown {
  return times === 0 ? { path: '/n', exists: true } : { not: negated(times - 1) }
}

function cycle(): unknown {
  const value: Record<string, unknown> = { version: 1 }
  value['rules'] = [value]
  return value
}
