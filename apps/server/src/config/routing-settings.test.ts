import { expect, test } from 'vitest'

import { modelsFor, routingSettingsSchema } from './routing-settings.ts'

const settings = routingSettingsSchema.parse({
  aliases: { fast: 'gpt-5-mini', 'claude-*': 'opus-*' },
  fallbacks: { 'gpt-5-mini': ['gpt-5', 'gpt-5-mini', 'gpt-5'], fast: ['never'], lonely: [] },
})

test.for([
  ['plain', ['plain']],
  ['fast', ['gpt-5-mini', 'gpt-5']],
  ['claude-4', ['opus-4']],
  ['lonely', ['lonely']],
  ['constructor', ['constructor']],
] as const)('%s is served with %j', ([asked, models]) => {
  expect(modelsFor(settings, asked)).toEqual(models)
})

test('what is left out is as usual', () => {
  expect(routingSettingsSchema.parse({})).toEqual({
    strategy: 'least-in-flight',
    aliases: {},
    fallbacks: {},
    showsAccount: false,
  })
})
