import { expect, test } from 'vitest'

import { readFidelity, renderFidelity } from './fidelity-files.ts'

test.for(renderFidelity())(
  '$file says what conversions really do; `pnpm fidelity` writes it anew',
  ({ file, text }) => {
    expect(readFidelity(file)).toBe(text)
  },
)
