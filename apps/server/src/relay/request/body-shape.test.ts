import { describe, expect, test } from 'vitest'

import { shapeTrouble, takesLong } from './body-shape.ts'

function bytes(text: string): Uint8Array {
  return Buffer.from(text)
}

const many = (count: number): string => Array.from({ length: count }, (_, index) => `"key ${index}":${index}`).join(',')
const FILL = `"fill":"${'x'.repeat(300_000)}"`

test.for([
  ['a million members', `{${FILL},"a":{${many(1_000_000)}}}`, 'members'],
  ['one name again and again', `{${FILL},"a":{${Array<string>(20_000).fill('"k":1').join(',')}}}`, 'members'],
  ['members at the top', `{${FILL},${many(20_000)}}`, 'members'],
  [
    'many wide objects',
    `{${FILL},"a":[${Array<string>(30)
      .fill(`{${many(1000)}}`)
      .join(',')}]}`,
    'members',
  ],
  ['lists in lists', `{${FILL},"a":${'['.repeat(600)}${']'.repeat(600)}}`, 'levels'],
  ['objects in objects', `{${FILL},"a":${'{"a":'.repeat(600)}1${'}'.repeat(600)}}`, 'levels'],
] as const)('%s: refused before it is parsed', ([, text, words]) => {
  expect(shapeTrouble(bytes(text))?.message).toContain(words)
})

test.for([
  ['brackets and colons inside of strings', `{${FILL},"a":"${'[{:'.repeat(50_000)}"}`],
  ['quotes that are escaped', `{${FILL},"a":"${String.raw`\"[{:\\`.repeat(50_000)}","${String.raw`\"[`.repeat(9)}":1}`],
  ['a string that ends in a backslash', String.raw`{${FILL},"a":"\\","b":"${'x'.repeat(40)}\\\\","c":[]}`],
  ['a long history', `{${FILL},"a":[${Array<string>(50_000).fill('{"role":"user","content":"hi"}').join(',')}]}`],
  ['five hundred levels', `{${FILL},"a":${'['.repeat(500)}${']'.repeat(500)}}`],
  ['text that is no JSON', `]]]]}}}}${'x'.repeat(300_000)}"`],
] as const)('%s: may be parsed', ([, text]) => {
  expect(shapeTrouble(bytes(text))).toBeUndefined()
})

test('small bodies are parsed whatever their shape', () => {
  expect(shapeTrouble(bytes(`${'['.repeat(60_000)}${']'.repeat(60_000)}`))).toBeUndefined()
})

/** A list of so many turns. */
function turns(count: number, text: string): string {
  return `[${Array.from({ length: count }, () => `{"role":"user","content":"${text}"}`).join(',')}]`
}

describe('takesLong', () => {
  test.for<[what: string, body: string, expected: boolean]>([
    ['a conversation of every day', turns(500, 'x'.repeat(1500)), false],
    ['a large one', turns(500, 'x'.repeat(2500)), true],
    ['very many tiny turns', turns(12_000, 'hi'), true],
    ['a few tiny turns', turns(9000, 'hi'), false],
    ['what is nested too deeply', `"${'x'.repeat(300_000)}"${'['.repeat(1000)}`, true],
  ])('%s', ([, body, expected]) => {
    expect(takesLong(Buffer.from(body))).toBe(expected)
  })
})
