import { scanTopLevel } from '@relay/format-converter'
import { describe, expect, test } from 'vitest'

import { type MemberEdits, rewriteBody } from './rewrite-body.ts'

describe('a body with other members', () => {
  test.for<[string, string, [string, string | undefined][], string]>([
    ['is the same without edits', '{ "a" : 1 }', [], '{ "a" : 1 }'],
    [
      'keeps every other byte',
      '{ "a" : 1,\n "b":  12345678901234567890 }',
      [['a', '2']],
      '{ "a" : 2,\n "b":  12345678901234567890 }',
    ],
    ['gets a new one', '{"a":1}', [['b', '"x"']], '{"b":"x","a":1}'],
    [
      'loses one',
      '{ "a" : 1, "b" : 12345678901234567890, "c":{ "d" : 1 } }',
      [['a', undefined]],
      '{"b":12345678901234567890,"c":{ "d" : 1 }}',
    ],
    ['loses the last one', '{"a":1}', [['a', undefined]], '{}'],
    ['loses one that is not there', '{"a":1}', [['b', undefined]], '{"a":1}'],
    [
      'loses and gets',
      '{"a":1,"b":2}',
      [
        ['a', undefined],
        ['c', '3'],
      ],
      '{"b":2,"c":3}',
    ],
    ['has each member once that Relay reads', '{"model":"a","x":1,"model":"b"}', [], '{"model":"b","x":1}'],
    ['has each member once that is edited', '{"x":1,"y":2,"x":3}', [['x', '4']], '{"x":4,"y":2}'],
    ['leaves others that stand twice', '{"y":1,"y":2}', [], '{"y":1,"y":2}'],
    ['knows odd names', '{"__proto__":{"a":1},"\\u0061":1,"b":2}', [['b', undefined]], '{"__proto__":{"a":1},"a":1}'],
  ])('%s', ([, text, edits, expected]) => {
    expect(rewrite(text, new Map(edits))).toBe(expected)
  })
})

function rewrite(text: string, edits: MemberEdits): string {
  const bytes = Buffer.from(text)
  const top = scanTopLevel(bytes)
  if (top === undefined) throw new Error('no object')
  return Buffer.from(rewriteBody({ bytes, top, read: ['model'] }, edits)).toString()
}
