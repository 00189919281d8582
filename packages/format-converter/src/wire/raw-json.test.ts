import { describe, expect, test } from 'vitest'

import { isJsonObject, type JsonObject } from '../model/json.ts'
import { parseBody, parseJsonObject, toJsonText } from './raw-json.ts'

function objectOf(text: string): JsonObject {
  const value = parseBody(text)
  return isJsonObject(value) ? value : {}
}

describe('parseBody and toJsonText', () => {
  test.for([
    '{"a":12345678901234567890}',
    '{"a":[1,{"b":-98765432109876543210}],"c":"12345678901234567890"}',
    '{"a":0.12345678901234567890,"b":1.5,"c":1e+21}',
    '{"__proto__":{"n":12345678901234567890}}',
    '{"twice":[12345678901234567890,12345678901234567890]}',
    '{"list":[12345678901234567890,"12345678901234567890",7,[98765432109876543210,null],{"n":12345678901234567891}]}',
  ])('keep the digits of %s', (text) => {
    expect(toJsonText(objectOf(text))).toBe(text)
  })

  test('what the parser gives is plain JSON, with and without long numbers', () => {
    for (const text of ['{"a":[1,"x",null]}', '{"a":12345678901234567890}', '"12345678901234567890"']) {
      expect(parseBody(text)).toEqual(JSON.parse(text))
    }
  })

  test('digits stay with the object that held them, not with its copy', () => {
    const body = objectOf('{"inner":{"n":12345678901234567890},"n":12345678901234567890}')
    expect(toJsonText({ ...body })).toBe('{"inner":{"n":12345678901234567890},"n":12345678901234567000}')
  })

  test('a number that was changed since is written as it is now', () => {
    const body: Record<string, unknown> = objectOf('{"n":12345678901234567890}')
    body['n'] = 7
    expect(toJsonText(body)).toBe('{"n":7}')
  })

  test('members that are undefined are left out, and lists keep their places', () => {
    const held = objectOf('{"n":12345678901234567890}')
    expect(toJsonText({ a: undefined, held, list: [undefined, held] })).toBe(
      '{"held":{"n":12345678901234567890},"list":[null,{"n":12345678901234567890}]}',
    )
  })

  test('objects read from arguments keep their whole text inside a body', () => {
    const input = parseJsonObject('{ "n": 12345678901234567890 }') ?? {}
    expect(toJsonText({ input, id: objectOf('{"m":99999999999999999999}') })).toBe(
      '{"input":{ "n": 12345678901234567890 },"id":{"m":99999999999999999999}}',
    )
  })

  test('broken text throws as JSON.parse does', () => {
    expect(() => parseBody('{"a":12345678901234567890')).toThrow(SyntaxError)
    expect(() => parseBody('{"a"')).toThrow(SyntaxError)
  })

  test('nesting that is too deep for digits is still parsed', () => {
    const text = `${'['.repeat(200_000)}12345678901234567890${']'.repeat(200_000)}`
    expect(Array.isArray(parseBody(text))).toBe(true)
  })
})
