import { expect, test } from 'vitest'

import type { FormatName } from '../model/format-name.ts'
import type { LossReport } from '../model/loss.ts'
import { adapt, parametersOf, requestOf } from '../testing/request-builder.ts'

type Wishes = Parameters<typeof parametersOf>[0]

function losses(from: FormatName, to: FormatName, wishes: Wishes): readonly LossReport[] {
  const parameters = parametersOf({ maxOutputTokens: 100, ...wishes })
  const model = to === 'anthropic-messages' ? 'claude-opus-5' : 'gpt-5.2'
  return adapt(requestOf(from, [['user', 'hi']], { parameters }), { to, model }).losses
}

test.for(['openai-chat', 'openai-responses'] as const)(
  'an effort beside thinking that is switched off is reported for %s',
  (to) => {
    expect(losses('anthropic-messages', to, { reasoning: { mode: 'off', effort: 'high' } })).toContainEqual(
      expect.objectContaining({
        code: 'effort_clamped',
        level: 'degraded',
        path: '/reasoning',
        detail: { value: 'high', replacedBy: 'none' },
      }),
    )
    expect(losses('anthropic-messages', to, { reasoning: { mode: 'off' } })).toEqual([])
  },
)

test.for([
  ['standard_only', 'degraded'],
  ['auto', 'info'],
] as const)('speed that overrules the tier %s is reported as %s', ([serviceTier, level]) => {
  const reported = losses('anthropic-messages', 'openai-chat', { serviceTier, fastMode: true })
  const loss = { code: 'service_tier_changed', level, path: '/serviceTier' }
  expect(reported).toContainEqual(
    expect.objectContaining({ ...loss, detail: { value: serviceTier, replacedBy: 'priority' } }),
  )
})

test('a user that the safety identifier overrules is reported towards Messages', () => {
  expect(losses('openai-chat', 'anthropic-messages', { userId: 'u', safetyIdentifier: 's' })).toContainEqual(
    expect.objectContaining({ code: 'param_unsupported', level: 'info', path: '/userId' }),
  )
  expect(losses('openai-chat', 'anthropic-messages', { userId: 's', safetyIdentifier: 's' })).toEqual([])
})
