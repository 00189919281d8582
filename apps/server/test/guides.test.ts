import { describe, expect, test } from 'vitest'

import { readGuides, runGuide } from './guides.ts'

const english = readGuides('guides')
const chinese = readGuides('zh')

describe('a guide', () => {
  test.for(english.filter(({ blocks }) => blocks.length > 0))(
    '$name: does what it says',
    { timeout: 180_000 },
    async (guide) => {
      const { exitCode, output } = await runGuide(guide)
      expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' })
    },
  )

  test.for(english)('$name: its Chinese twin gives the same commands', ({ name, blocks }) => {
    expect(chinese.find((guide) => guide.name === name)?.blocks).toEqual(blocks)
  })

  test('is there for every Chinese one', () => {
    expect(chinese.map(({ name }) => name)).toEqual(english.map(({ name }) => name))
  })
})
