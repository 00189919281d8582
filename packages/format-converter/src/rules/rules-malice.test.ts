import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { isJsonObject, type JsonObject } from '../model/json.ts'
import { compileRules, RULE_PHASES } from './compile-rules.ts'
import { dryRun, runRuleTests } from './dry-run.ts'

/** The words of the language, so that random files come close to being right. */
const WORDS =
  'version rules tests id phase ops op if path value to min max map else where keep kind name message status when client upstream model stream event set default remove rename move copy clamp round mapValue append prepend filterArray limitArray dropBlocks header.set header.remove warn reject all any not exists eq ne in gt lt matches request.client request.ir request.upstream response event error /n /a/*/b /stop x __proto__ constructor'.split(
    ' ',
  )
const word = fc.constantFrom(...WORDS)
const scalar = fc.oneof(word, fc.constantFrom(1, 0, -1, true, false, null), fc.string())
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    scalar,
    fc.dictionary(word, tie('value'), { maxKeys: 4 }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
})).value

const RULES = {
  version: 1,
  rules: RULE_PHASES.filter((phase) => phase !== 'request.ir' && phase !== 'error').map((phase) => ({
    id: phase,
    phase,
    ops: [
      { op: 'set', path: '/a/*/b', value: { c: [1] } },
      { op: 'remove', path: '/x/*/value' },
      { op: 'mapValue', path: '/n/*/eq', map: { x: 'y' }, else: 1 },
      { op: 'dropBlocks', kind: 'reasoning' },
    ],
  })),
}

describe('whatever comes in', () => {
  test('compiling never throws, and says what is wrong', () => {
    fc.assert(
      fc.property(fc.oneof(anything, fc.anything({ maxDepth: 4 })), (file) => {
        const compiled = compileRules(file)
        expect(compiled.ok || compiled.errors.length > 0).toBe(true)
      }),
      { numRuns: 2000, seed: 11 },
    )
  })

  test('compiling survives objects that fight back', () => {
    const throwing = {
      get rules(): never {
        throw new Error('no')
      },
    }
    const lying = { version: 1, rules: [], toJSON: () => undefined }
    const proxy = new Proxy({}, { ownKeys: () => ['a'.repeat(10)] })
    for (const file of [throwing, lying, proxy, Symbol('x'), () => 1, new Map(), null])
      expect(compileRules(file).ok).toBe(false)
  })

  test('running never throws, changes no input, and leaves Object.prototype alone', () => {
    const compiled = compileRules(RULES)
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors))
    fc.assert(
      fc.property(anything, fc.constantFrom(...RULE_PHASES), (value, phase) => {
        const body: JsonObject = isJsonObject(value)
          ? value
          : { messages: [], content: [], output: [], a: [{}], n: { x: { eq: 1 } } }
        const before = JSON.stringify(body)
        dryRun(compiled.rules, phase, { body })
        expect(JSON.stringify(body)).toBe(before)
      }),
      { numRuns: 2000, seed: 12 },
    )
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('a body nested beyond the stack is no trouble', () => {
    let deep: JsonObject = {}
    for (let level = 0; level < 200_000; level += 1) deep = { b: deep }
    const ops = [
      { op: 'set', path: '/a', value: { b: {} } },
      { op: 'rename', path: '/c', to: '/d' },
      { op: 'warn', message: 'x', if: { path: '/e/b/b', exists: true } },
    ]
    const compiled = compileRules({ version: 1, rules: [{ id: 'r', phase: 'request.client', ops }] })
    const body = { model: 'm', messages: [1], a: deep, c: deep, e: deep }
    const run = compiled.ok ? dryRun(compiled.rules, 'request.client', { body }) : undefined
    expect(run?.applied).toEqual(['r'])
    expect(run?.body?.['a']).toEqual({ b: {} })
    expect(run?.body?.['c']).toBe(deep) // too large to tell whether words are in it
  })

  test('a test case without rules for it fails by its expectation only', () => {
    const file = { version: 1, rules: [], tests: [{ name: 'a', phase: 'response', input: {}, expect: { body: {} } }] }
    const compiled = compileRules(file)
    expect(compiled.ok && runRuleTests(compiled.rules)).toEqual([{ name: 'a', ok: true, troubles: [] }])
  })
})
