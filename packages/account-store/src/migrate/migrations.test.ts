import { expect, test } from 'vitest'

import { MIGRATIONS } from './migrations.ts'

test('the steps are numbered from 1 without a gap', () => {
  expect(MIGRATIONS.map((step) => step.version)).toEqual(MIGRATIONS.map((_, index) => index + 1))
})
