import { describe, expect, test } from 'vitest'

import type { JsonObject, JsonValue } from '../model/json.ts'
import { compileRules } from './compile-rules.ts'
import { combineRules, type CompiledRules } from './compiled-rules.ts'
import { dryRun, runRuleTests } from './dry-run.ts'
import type { RulePhase, RuleTestContext } from './rule-set.ts'

const BASE = { model: 'm', messages: [{ role: 'user', content: 'hi' }] }

describe('operations', () => {
  test.for<[string, readonly unknown[], JsonObject, JsonObject]>([
    ['set writes', [{ op: 'set', path: '/n', value: 2 }], { n: 1 }, { n: 2 }],
    [
      'set adds the last member',
      [{ op: 'set', path: '/provider', value: { only: ['a'] } }],
      {},
      { provider: { only: ['a'] } },
    ],
    ['set without its parent does nothing', [{ op: 'set', path: '/a/b', value: 1 }], {}, {}],
    [
      'set reaches every element',
      [{ op: 'set', path: '/a/*/b', value: 1 }],
      { a: [{}, { b: 2 }, 3] },
      { a: [{ b: 1 }, { b: 1 }, 3] },
    ],
    [
      'set reaches every member',
      [{ op: 'set', path: '/a/*/b', value: 1 }],
      { a: { x: {}, y: {} } },
      { a: { x: { b: 1 }, y: { b: 1 } } },
    ],
    ['set reaches one element', [{ op: 'set', path: '/a/1', value: 0 }], { a: [1, 2, 3] }, { a: [1, 0, 3] }],
    ['set beyond a list does nothing', [{ op: 'set', path: '/a/3', value: 0 }], { a: [1] }, { a: [1] }],
    ['set reads escapes', [{ op: 'set', path: '/a~1b~0c', value: 1 }], {}, { 'a/b~c': 1 }],
    ['default fills a gap', [{ op: 'default', path: '/temperature', value: 0.7 }], {}, { temperature: 0.7 }],
    [
      'default leaves what is there',
      [{ op: 'default', path: '/temperature', value: 0.7 }],
      { temperature: 0 },
      { temperature: 0 },
    ],
    ['remove takes away', [{ op: 'remove', path: '/seed' }], { seed: 1, n: 1 }, { n: 1 }],
    ['remove takes elements', [{ op: 'remove', path: '/stop/0' }], { stop: ['a', 'b'] }, { stop: ['b'] }],
    [
      'rename keeps the value',
      [{ op: 'rename', path: '/max_tokens', to: '/max_new_tokens' }],
      { max_tokens: 5 },
      { max_new_tokens: 5 },
    ],
    [
      'rename reaches every element',
      [{ op: 'rename', path: '/a/*/x', to: '/a/*/y' }],
      { a: [{ x: 1 }, {}] },
      { a: [{ y: 1 }, {}] },
    ],
    [
      'move goes elsewhere',
      [{ op: 'move', path: '/top_k', to: '/extra/top_k' }],
      { top_k: 1, extra: {} },
      { extra: { top_k: 1 } },
    ],
    ['move to nowhere stays', [{ op: 'move', path: '/top_k', to: '/extra/top_k' }], { top_k: 1 }, { top_k: 1 }],
    [
      'copy leaves the first',
      [{ op: 'copy', path: '/max_tokens', to: '/max_new_tokens' }],
      { max_tokens: 5 },
      { max_tokens: 5, max_new_tokens: 5 },
    ],
    ['clamp bounds above', [{ op: 'clamp', path: '/max_tokens', max: 10 }], { max_tokens: 50 }, { max_tokens: 10 }],
    ['clamp bounds below', [{ op: 'clamp', path: '/max_tokens', min: 16 }], { max_tokens: 1 }, { max_tokens: 16 }],
    ['clamp leaves texts', [{ op: 'clamp', path: '/max_tokens', max: 10 }], { top: '50' }, { top: '50' }],
    ['round rounds', [{ op: 'round', path: '/top_k' }], { top_k: 1.6 }, { top_k: 2 }],
    [
      'mapValue replaces',
      [{ op: 'mapValue', path: '/reasoning_effort', map: { xhigh: 'high' } }],
      { reasoning_effort: 'xhigh' },
      { reasoning_effort: 'high' },
    ],
    ['mapValue leaves others', [{ op: 'mapValue', path: '/e', map: { a: 'b' } }], { e: 'c' }, { e: 'c' }],
    [
      'mapValue has a last word',
      [{ op: 'mapValue', path: '/e', map: { a: 'b' }, else: null }],
      { e: 'c' },
      { e: null },
    ],
    ['mapValue maps to null', [{ op: 'mapValue', path: '/e', map: { true: null } }], { e: true }, { e: null }],
    [
      'mapValue knows no inherited names',
      [{ op: 'mapValue', path: '/e', map: { a: 'b' } }],
      { e: 'constructor' },
      { e: 'constructor' },
    ],
    [
      'append adds to a list',
      [{ op: 'append', path: '/stop', value: '\n\nHuman:' }],
      { stop: ['a'] },
      { stop: ['a', '\n\nHuman:'] },
    ],
    ['prepend adds to a list', [{ op: 'prepend', path: '/stop', value: 'b' }], { stop: ['a'] }, { stop: ['b', 'a'] }],
    ['append adds to a text', [{ op: 'append', path: '/model', value: ':free' }], {}, { model: 'm:free' }],
    ['prepend adds to a text', [{ op: 'prepend', path: '/model', value: 'vendor/' }], {}, { model: 'vendor/m' }],
    ['append leaves numbers', [{ op: 'append', path: '/n', value: 'x' }], { n: 1 }, { n: 1 }],
    [
      'filterArray keeps what fits',
      [{ op: 'filterArray', path: '/tools', where: { path: '/type', ne: 'web_search' } }],
      { tools: [{ type: 'web_search' }, { type: 'function' }] },
      { tools: [{ type: 'function' }] },
    ],
    [
      'limitArray keeps the first',
      [{ op: 'limitArray', path: '/stop', max: 1 }],
      { stop: ['a', 'b'] },
      { stop: ['a'] },
    ],
    [
      'limitArray keeps the last',
      [{ op: 'limitArray', path: '/stop', max: 1, keep: 'last' }],
      { stop: ['a', 'b'] },
      { stop: ['b'] },
    ],
    [
      'limitArray keeps none',
      [{ op: 'limitArray', path: '/stop', max: 0, keep: 'last' }],
      { stop: ['a', 'b'] },
      { stop: [] },
    ],
    [
      'operations see what earlier ones did',
      [
        { op: 'set', path: '/n', value: 3 },
        { op: 'clamp', path: '/n', max: 2 },
      ],
      {},
      { n: 2 },
    ],
  ])('%s', ([, ops, before, after]) => {
    const input = { ...BASE, ...before }
    const frozen = JSON.stringify(input)
    const { body, applied } = dryRun(rules(ops), 'request.client', { body: input })
    expect(body).toEqual({ ...BASE, ...after })
    expect(JSON.stringify(input)).toBe(frozen)
    const isChanged = JSON.stringify(body) !== frozen
    expect(applied).toEqual(isChanged ? ['rule'] : [])
    expect(body === input).toBe(!isChanged)
  })

  test('share what they do not touch', () => {
    const { body } = dryRun(rules([{ op: 'set', path: '/n', value: 1 }]), 'request.client', { body: BASE })
    expect(body?.['messages']).toBe(BASE.messages)
  })

  test('are tried on a body alone as well, also on one with a member of the name body', () => {
    const set = rules([{ op: 'set', path: '/n', value: 1 }])
    expect(dryRun(set, 'request.client', BASE)).toEqual(dryRun(set, 'request.client', { body: BASE }))
    expect(dryRun(set, 'request.client', { ...BASE, body: {} }).body).toEqual({ ...BASE, body: {}, n: 1 })
  })

  test.for<[string, JsonValue]>([
    ['__proto__', { polluted: true }],
    ['constructor', { polluted: true }],
  ])('write %s as a member of its own', ([name, value]) => {
    const set = [
      { op: 'set', path: `/${name}`, value },
      { op: 'rename', path: `/${name}`, to: `/x` },
      { op: 'rename', path: '/x', to: `/${name}` },
    ]
    const { body } = dryRun(rules(set), 'request.client', { body: BASE })
    expect(Object.hasOwn(body ?? {}, name)).toBe(true)
    expect(JSON.stringify(body)).toContain(`"${name}":{"polluted":true}`)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    const read = [{ op: 'set', path: '/n', value: 1, if: { path: `/${name}/name`, exists: true } }]
    expect(dryRun(rules(read), 'request.client', { body: BASE }).applied).toEqual([])
  })
})

describe('blocks that are left out', () => {
  test.for<[string, RuleTestContext, string, JsonObject, JsonObject]>([
    [
      'reasoning of Messages, with a message that was nothing else',
      { client: 'anthropic-messages' },
      'reasoning',
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: 's' }] },
          {
            role: 'assistant',
            content: [
              { type: 'redacted_thinking', data: 'd' },
              { type: 'text', text: 'b' },
            ],
          },
        ],
      },
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: [{ type: 'text', text: 'b' }] },
        ],
      },
    ],
    [
      'images of a tool result, which stays',
      { client: 'anthropic-messages' },
      'image',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 't', content: [{ type: 'image', source: {} }] }],
          },
        ],
      },
      { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: '' }] }] },
    ],
    [
      'reasoning members of Chat',
      {},
      'reasoning',
      { messages: [{ role: 'assistant', content: 'a', reasoning_content: 'x', reasoning_details: [] }] },
      { messages: [{ role: 'assistant', content: 'a' }] },
    ],
    [
      'files of Chat',
      {},
      'document',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'file', file: {} },
              { type: 'text', text: 'a' },
            ],
          },
        ],
      },
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }] },
    ],
    [
      'reasoning items of Responses',
      { client: 'openai-responses' },
      'reasoning',
      {
        input: [
          { type: 'message', role: 'user', content: 'a' },
          { type: 'reasoning', id: 'rs_1', summary: [] },
        ],
      },
      { input: [{ type: 'message', role: 'user', content: 'a' }] },
    ],
    [
      'images of a Responses call output, which stays',
      { client: 'openai-responses' },
      'image',
      { input: [{ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_image' }] }] },
      { input: [{ type: 'function_call_output', call_id: 'c', output: '' }] },
    ],
  ])('%s', ([, context, kind, before, after]) => {
    const drop = rules([{ op: 'dropBlocks', kind }])
    const { body, applied } = dryRun(drop, 'request.client', { body: { model: 'm', ...before }, context })
    expect(body).toEqual({ model: 'm', ...after })
    expect(applied).toEqual(['rule'])
    expect(dryRun(drop, 'request.client', { body: { model: 'm', ...after }, context }).applied).toEqual([])
  })
})

describe('conditions', () => {
  const body = { ...BASE, n: 2, name: 'claude-opus', flag: null, stop: ['a', 'bb'], tools: [{ type: 'x' }, {}] }
  test.for<[unknown, boolean]>([
    [{ path: '/n', exists: true }, true],
    [{ path: '/none', exists: false }, true],
    [{ path: '/flag', exists: true }, true],
    [{ path: '/n', eq: 2 }, true],
    [{ path: '/n', eq: '2' }, false],
    [{ path: '/flag', eq: null }, true],
    [{ path: '/none', eq: null }, false],
    [{ path: '/none', ne: 1 }, true],
    [{ path: '/stop/*', eq: 'bb' }, true],
    [{ path: '/stop/*', ne: 'bb' }, false],
    [{ path: '/tools/*/type', eq: 'x' }, true],
    [{ path: '/n', in: [1, 2] }, true],
    [{ path: '/n', in: [3] }, false],
    [{ path: '/n', gt: 1, lt: 3 }, true],
    [{ path: '/n', gt: 1, lt: 2 }, false],
    [{ path: '/name', gt: 1 }, false],
    [{ path: '/name', matches: 'claude-*' }, true],
    [{ path: '/name', matches: 'c?aude-*us' }, true],
    [{ path: '/name', matches: 'claude' }, false],
    [{ path: '/name', matches: '*.*' }, false],
    [{ path: '/n', matches: '*' }, false],
    [
      {
        all: [
          { path: '/n', eq: 2 },
          { path: '/none', exists: false },
        ],
      },
      true,
    ],
    [
      {
        all: [
          { path: '/n', eq: 2 },
          { path: '/none', exists: true },
        ],
      },
      false,
    ],
    [{ any: [{ path: '/n', eq: 1 }, { not: { path: '/n', eq: 1 } }] }, true],
    [{ path: '/hasOwnProperty', exists: true }, false],
  ])('%j', ([condition, expected]) => {
    const { applied } = dryRun(rules([{ op: 'warn', message: 'x', if: condition }]), 'request.client', { body })
    expect(applied).toEqual(expected ? ['rule'] : [])
  })
})

describe('rules', () => {
  test.for<[unknown, RuleTestContext, boolean]>([
    [{ client: ['openai-chat'] }, {}, true],
    [{ client: ['anthropic-messages'] }, {}, false],
    [{ upstream: ['anthropic-messages'] }, { upstream: 'anthropic-messages' }, true],
    [{ model: 'glm-*' }, { model: 'glm-5' }, true],
    [{ model: ['a', 'glm-?'] }, { model: 'glm-5' }, true],
    [{ model: 'glm-*' }, { model: 'gpt-5' }, false],
    [{ stream: true }, { stream: true }, true],
    [{ stream: true }, { stream: false }, false],
    [{ stream: false, model: '*' }, { stream: false }, true],
  ])('for %j act in %j: %s', ([when, context, expected]) => {
    const compiled = compile([
      { id: 'rule', phase: 'request.client', when, ops: [{ op: 'set', path: '/n', value: 1 }] },
    ])
    expect(dryRun(compiled, 'request.client', { body: BASE, context }).applied).toEqual(expected ? ['rule'] : [])
  })

  test('run in the order of the file, global ones before those of the account', () => {
    const both = combineRules(compile([step('a', '1'), step('b', '2')]), undefined, compile([step('c', '3')]))
    const { body, applied } = dryRun(both ?? compile([]), 'request.client', { body: BASE })
    expect([body?.['model'], applied]).toEqual(['m123', ['a', 'b', 'c']])
    expect(combineRules(undefined)).toBeUndefined()
  })

  test('say what they did, each by its name', () => {
    const compiled = compile([
      { id: 'quiet', phase: 'request.client', ops: [{ op: 'set', path: '/n', value: 1 }] },
      { id: 'loud', phase: 'request.client', ops: [{ op: 'warn', message: 'seeds are not kept' }] },
    ])
    expect(dryRun(compiled, 'request.client', { body: BASE }).losses).toEqual([
      {
        code: 'rule_applied',
        level: 'info',
        path: '',
        message: 'rule quiet acted in request.client',
        detail: { value: 'quiet' },
      },
      {
        code: 'rule_applied',
        level: 'info',
        path: '',
        message: 'rule loud: seeds are not kept',
        detail: { value: 'loud' },
      },
    ])
  })

  test('that refuse a request end the run', () => {
    const compiled = compile([
      {
        id: 'ban',
        phase: 'request.client',
        ops: [
          { op: 'reject', message: 'no n', status: 422 },
          { op: 'set', path: '/a', value: 1 },
        ],
      },
      { id: 'next', phase: 'request.client', ops: [{ op: 'set', path: '/b', value: 1 }] },
    ])
    const { body, applied, rejection } = dryRun(compiled, 'request.client', { body: BASE })
    expect({ body, applied, rejection }).toEqual({
      body: BASE,
      applied: ['ban'],
      rejection: { rule: 'ban', status: 422, message: 'no n' },
    })
  })

  test('that would break the request are not applied, nor is their set', () => {
    const compiled = compile([
      {
        id: 'good',
        phase: 'request.upstream',
        ops: [
          { op: 'set', path: '/n', value: 1 },
          { op: 'header.set', name: 'X-A', value: 'b' },
        ],
      },
      { id: 'bad', phase: 'request.upstream', ops: [{ op: 'set', path: '/max_tokens', value: 'many' }] },
    ])
    const other = compile([{ id: 'other', phase: 'request.upstream', ops: [{ op: 'set', path: '/k', value: 1 }] }])
    const { body, applied, losses, headers } = dryRun(combineRules(compiled, other) ?? other, 'request.upstream', {
      body: BASE,
    })
    expect([body, applied, headers.size]).toEqual([{ ...BASE, k: 1 }, ['other'], 0])
    expect(losses[0]).toMatchObject({
      code: 'rule_skipped',
      detail: { value: 'bad' },
      message: expect.stringContaining('max_tokens'),
    })
  })

  test('leave a body that was wrong before to those who judge it', () => {
    const compiled = compile([{ id: 'a', phase: 'request.client', ops: [{ op: 'set', path: '/n', value: 1 }] }])
    expect(dryRun(compiled, 'request.client', { body: { model: 7 } }).body).toEqual({ model: 7, n: 1 })
  })

  test('that look at too much are skipped whole, the others go on', () => {
    const compiled = compile([
      {
        id: 'wide',
        phase: 'request.client',
        ops: [
          { op: 'set', path: '/k', value: 1 },
          { op: 'set', path: '/list/*', value: 0 },
        ],
      },
      { id: 'next', phase: 'request.client', ops: [{ op: 'set', path: '/n', value: 1 }] },
    ])
    const list = Array.from({ length: 10_001 }, () => 1)
    const { body, applied, losses } = dryRun(compiled, 'request.client', { body: { ...BASE, list } })
    expect([body?.['k'], body?.['list'], body?.['n'], applied]).toEqual([undefined, list, 1, ['next']])
    expect(losses[0]).toMatchObject({ code: 'rule_skipped', detail: { value: 'wide' } })
  })

  test('compare long texts within their budget', () => {
    const condition = { path: '/list/*', matches: `${'*a'.repeat(60)}b` }
    const compiled = rules([{ op: 'warn', message: 'x', if: condition }])
    const list = Array.from({ length: 9_000 }, () => 'a'.repeat(4_096))
    const { losses } = dryRun(compiled, 'request.client', { body: { ...BASE, list } })
    expect(losses).toMatchObject([{ code: 'rule_skipped' }])
  })

  test('change headers, but none that carries a credential or steers the connection', () => {
    const compiled = compile([
      {
        id: 'h',
        phase: 'request.upstream',
        ops: [
          { op: 'header.set', name: 'X-Title', value: 'relay' },
          { op: 'header.remove', name: 'user-agent' },
        ],
      },
    ])
    const { headers } = dryRun(compiled, 'request.upstream', { body: BASE })
    expect([...headers]).toEqual([
      ['x-title', 'relay'],
      ['user-agent', undefined],
    ])
    for (const name of [
      'authorization',
      'X-Api-Key',
      'api-key',
      'x-goog-api-key',
      'Cookie',
      'host',
      'Content-Type',
      'content-length',
      'proxy-authorization',
      'transfer-encoding',
      'x-auth-token',
      'connection',
      'a b',
      'x\n',
    ]) {
      const file = {
        version: 1,
        rules: [{ id: 'h', phase: 'request.upstream', ops: [{ op: 'header.set', name, value: 'x' }] }],
      }
      expect({ name, ...compileRules(file) }).toMatchObject({ ok: false, errors: [{ path: '/rules/0/ops/0/name' }] })
    }
  })
})

describe('test cases in the file', () => {
  test('pass, and say what came instead', () => {
    const compiled = compileRules({
      version: 1,
      rules: [
        {
          id: 'cap',
          phase: 'request.upstream',
          when: { model: 'glm-*' },
          ops: [{ op: 'clamp', path: '/max_tokens', max: 8 }],
        },
      ],
      tests: [
        {
          name: 'glm is capped',
          phase: 'request.upstream',
          input: { ...BASE, model: 'glm-5', max_tokens: 9 },
          expect: { body: { max_tokens: 8, model: 'glm-5', messages: BASE.messages }, applied: ['cap'] },
        },
        {
          name: 'others are not',
          phase: 'request.upstream',
          context: { model: 'gpt' },
          input: { ...BASE, max_tokens: 9 },
          expect: { applied: ['cap'], headers: { a: null }, rejected: 'x' },
        },
      ],
    })
    const results = compiled.ok ? runRuleTests(compiled.rules) : []
    expect(results[0]).toEqual({ name: 'glm is capped', ok: true, troubles: [] })
    expect(results[1]).toMatchObject({
      ok: false,
      troubles: [
        'applied is [], expected was ["cap"]',
        'headers is {}, expected was {"a":null}',
        'rejected is null, expected was "x"',
      ],
    })
  })
})

function rules(ops: readonly unknown[], phase: RulePhase = 'request.client'): CompiledRules {
  return compile([{ id: 'rule', phase, ops }])
}

function step(id: string, value: string): unknown {
  return { id, phase: 'request.client', ops: [{ op: 'append', path: '/model', value }] }
}

function compile(list: readonly unknown[]): CompiledRules {
  const compiled = compileRules({ version: 1, rules: list })
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors))
  return compiled.rules
}
