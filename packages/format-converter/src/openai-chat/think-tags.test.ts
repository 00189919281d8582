import { expect, it, test } from 'vitest'

import { createThinkTagSplitter } from './think-tags.ts'

interface Split {
  readonly text: string
  readonly reasoning: string
  readonly isUnclosed: boolean
}

function split(pieces: Iterable<string>): Split {
  let text = ''
  let reasoning = ''
  const splitter = createThinkTagSplitter({
    text: (piece) => void (text += piece),
    reasoning: (piece) => void (reasoning += piece),
  })
  for (const piece of pieces) splitter.push(piece)
  const isUnclosed = splitter.end()
  return { text, reasoning, isUnclosed }
}

const cases: [input: string, text: string, reasoning: string, isUnclosed: boolean][] = [
  ['<think>why</think>\n\nbecause', 'because', 'why', false],
  ['\n <think>\nwhy\n</think>\n\n\nbecause', '\nbecause', '\nwhy\n', false],
  ['<think></think>x', 'x', '', false],
  ['no tag <think>x</think>', 'no tag <think>x</think>', '', false],
  ['  plain', '  plain', '', false],
  ['<thin', '<thin', '', false],
  ['<think>a</thi b</think>c', 'c', 'a</thi b', false],
  ['<think>never closed', '', 'never closed', true],
  ['<think>a</think>', '', 'a', false],
  ['', '', '', false],
]

test.for(cases)('%j is told apart however it is cut', ([input, text, reasoning, isUnclosed]) => {
  const expected = { text, reasoning, isUnclosed }
  expect(split([input])).toEqual(expected)
  expect(split(input)).toEqual(expected)
  for (let cut = 1; cut < input.length; cut++) expect(split([input.slice(0, cut), input.slice(cut)])).toEqual(expected)
})

it('passes text on at once after the tag was closed', () => {
  const seen: string[] = []
  const splitter = createThinkTagSplitter({ text: (piece) => void seen.push(piece), reasoning: () => {} })
  splitter.push('<think>a</think>b')
  splitter.push('<c')
  expect(seen).toEqual(['b', '<c'])
})

test('white space without an end is not held back for ever', () => {
  let text = ''
  const splitter = createThinkTagSplitter({ text: (piece) => void (text += piece), reasoning: () => {} })
  for (let space = 0; space < 2000; space++) splitter.push(' ')
  expect(text).toHaveLength(2000)
})
