import { expect, test } from 'vitest'

import { csvLine } from './csv.ts'

test.for(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
  'a text that could run as a formula is only a text: %j',
  (cell) => {
    expect(csvLine([cell])).toMatch(/^"?'/)
  },
)

test('cells with commas, quotes and line ends stay one cell; nothing is no text', () => {
  expect(csvLine(['a,b', 'say "hi"', 'two\nlines', undefined, 0, -2.5, true])).toBe(
    '"a,b","say ""hi""","two\nlines",,0,-2.5,true\r\n',
  )
})
