import { expect, test } from 'vitest'

import { FORMATS } from '../support/pairs.ts'
import { readFidelity, renderFidelity } from './fidelity-files.ts'
import { measureAnswers } from './measure-answers.ts'

test.for(renderFidelity())(
  '$file says what conversions really do; `pnpm fidelity` writes it anew',
  ({ file, text }) => {
    expect(readFidelity(file)).toBe(text)
  },
)

test.each(FORMATS)('nothing of an answer of %s is lost without a code', (upstream) => {
  const silent = measureAnswers(upstream).flatMap(({ field, to }) =>
    Object.values(to).flatMap(({ whole, stream }) =>
      [whole, stream].some(({ outcome, code }) => outcome === 'lost' && code === undefined) ? [field] : [],
    ),
  )
  expect(silent).toEqual([])
})
