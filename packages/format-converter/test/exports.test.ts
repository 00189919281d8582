import { expect, test } from 'vitest'

import manifest from '../package.json' with { type: 'json' }

const entries = Object.entries(manifest.exports).filter(([, file]) => file.endsWith('.ts'))

/** A name added here is a public promise; one removed breaks a caller. */
test.for(entries)('the names of entry %s are the promised ones', async ([, file]) => {
  const names = Object.keys((await import(/* @vite-ignore */ `../${file}`)) as object)
  expect(names.toSorted()).toMatchSnapshot()
})

test('the published manifest offers the same entries as the sources', () => {
  expect(Object.keys(manifest.publishConfig.exports)).toEqual(Object.keys(manifest.exports))
})
