import { expect, test } from 'vitest'

import { formatTable } from './report.ts'

test('columns stand under each other whatever script a name is in', () => {
  const rows = [
    ['账号 一', 'ready'],
    ['ａｃ, 카', 'ready'],
    ['Zoe\u0301', 'ready'],
    ['long enough', 'ready'],
  ]
  expect(formatTable(['NAME', 'STATUS'], rows)).toBe(
    [
      'NAME         STATUS',
      '账号 一      ready',
      'ａｃ, 카     ready',
      'Zoe\u0301          ready',
      'long enough  ready',
    ].join('\n'),
  )
})
