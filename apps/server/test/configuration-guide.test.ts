import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { settings } from '../src/config/settings.ts'
import { writeConfigurationGuide } from './configuration-guide.ts'
import { MEANINGS_IN_CHINESE } from './configuration-meanings.ts'

test.for([
  ['en', 'guides'],
  ['zh', 'zh'],
] as const)('the guide to the configuration is that of the code (%s)', async ([language, folder]) => {
  const file = fileURLToPath(new URL(`../../../docs/${folder}/configuration.md`, import.meta.url))
  await expect(writeConfigurationGuide(language)).toMatchFileSnapshot(file)
})

test('every variable has its meaning in Chinese, and no other has', () => {
  expect(Object.keys(MEANINGS_IN_CHINESE).toSorted()).toEqual(
    Object.values(settings)
      .map(({ name }) => name)
      .toSorted(),
  )
})
