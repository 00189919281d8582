import { describe, expect, test } from 'vitest'

import { quoteLongNumbers } from './long-numbers.ts'

describe('quoteLongNumbers', () => {
  test.for([
    ['{"a":12345678901234567890}', '{"a":"12345678901234567890"}'],
    ['[-12345678901234567890,1]', '["-12345678901234567890",1]'],
    ['{"a":1.00000000000000000001e5}', '{"a":"1.00000000000000000001e5"}'],
    [
      '{"\\\\":12345678901234567890,"b":"12345678901234567890"}',
      '{"\\\\":"12345678901234567890","b":"12345678901234567890"}',
    ],
    ['12345678901234567890', '"12345678901234567890"'],
    ['[1e400,-2.5E-400]', '["1e400","-2.5E-400"]'],
  ])('quotes the number of %s', ([text, quoted]) => {
    expect(quoteLongNumbers(text ?? '')).toBe(quoted)
  })

  test.for([
    '{"a":1,"b":"x"}',
    '{"a":"12345678901234567890"}',
    '{"a":"took 12345678901234567890 ns","b":1}',
    '{"a":"\\"12345678901234567890"}',
    '{"12345678901234567890":1}',
    '[0.1234567890123456,1234567890123456]',
    '[1e22,1E5,"1e400","3e4444"]',
  ])('finds nothing in %s', (text) => {
    expect(quoteLongNumbers(text)).toBeUndefined()
  })

  test('a long list of digits costs time like its length, not like its square', () => {
    const numbers = Array.from({ length: 100_000 }, () => '12345678901234567890').join(',')
    expect(quoteLongNumbers(`{"a":[${numbers}],"b":"x"}`)?.length).toBe(numbers.length + 200_016)
  })
})
