import { expect, test } from 'vitest'

import { routingDraftOf, toRouting } from './routing-draft.ts'

test('settings go through the form unchanged, and lines that say nothing are left out', () => {
  const settings = {
    strategy: 'weighted' as const,
    aliases: { fast: 'gpt-5-mini', 'claude-*': 'opus-*' },
    fallbacks: { 'gpt-5': ['gpt-5-mini', 'gpt-4.1'] },
    showsAccount: true,
  }
  const draft = routingDraftOf(settings)
  expect(toRouting(draft)).toEqual(settings)
  draft.aliases.push({ asked: ' ', sent: 'x' })
  draft.fallbacks.push({ asked: 'y', sent: '' })
  expect(toRouting(draft)).toEqual(settings)
  draft.fallbacks[0] = { asked: 'gpt-5', sent: 'a，b, ,c' }
  expect(toRouting(draft).fallbacks).toEqual({ 'gpt-5': ['a', 'b', 'c'] })
})
