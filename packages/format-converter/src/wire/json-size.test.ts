import { expect, test } from 'vitest'

import { jsonSize } from './json-size.ts'

test.for([
  null,
  '',
  'some text',
  12.5,
  true,
  [],
  {},
  [[], {}],
  { a: 1, b: [true, null, 'x'], left: undefined, c: { d: 'text', e: -3e21 } },
])('%j has as many characters as its JSON', (value) => {
  expect(jsonSize(value)).toBe(JSON.stringify(value).length)
})
