import { expect, test } from 'vitest'

import { toPlainJson } from './plain-json.ts'

test.for([
  ['{"a": [1, 2,], /* two, */ "b": {"c": ",}",},}', { a: [1, 2], b: { c: ',}' } }],
  ['[\n  {}, // the only one,\n  ]', [{}]],
  ['[[1,],]', [[1]]],
  ['{"a":1}', { a: 1 }],
] as const)('%s is read', ([text, value]) => {
  expect(JSON.parse(toPlainJson(text))).toEqual(value)
})

test.for(['[,]', '[1,,]', '{,}', '{"a":,}', '[1 2]', '{"a"}'])('%s stays as wrong as it is', (text) => {
  expect(() => void JSON.parse(toPlainJson(text))).toThrow(SyntaxError)
})
