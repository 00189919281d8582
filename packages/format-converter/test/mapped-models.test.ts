import { describe, expect, it } from 'vitest'

import { ConversionError, createConverter, type Exchange, type JsonObject, type LossPolicy } from '../src/index.ts'

const PLAIN = { model: 'claude-sonnet-4-5', max_tokens: 20_000, messages: [{ role: 'user', content: 'hi' }] }
const THINKING = { type: 'enabled', budget_tokens: 12_288, display: 'summarized' }

type Claude = 'anthropic-messages'

function send(members: JsonObject, model?: string, policy: LossPolicy = 'warn'): Exchange<Claude, Claude> {
  const converter = createConverter({ client: 'anthropic-messages', upstream: 'anthropic-messages', policy })
  return converter.exchange({ ...PLAIN, ...members }, { model })
}

describe('a thinking budget, where the request goes to another model of Claude', () => {
  it('becomes an effort for a model that takes no budgets, and that is told', () => {
    const { request, losses } = send({ thinking: THINKING }, 'claude-opus-5')
    expect(request).toEqual({
      ...PLAIN,
      model: 'claude-opus-5',
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'medium' },
    })
    expect(losses).toMatchObject([{ code: 'budget_clamped', level: 'degraded', path: '/thinking' }])
  })

  it('leaves an effort that the client gave, and what else stands beside it', () => {
    const output_config = { effort: 'low', task_budget: { type: 'tokens', total: 9 } }
    expect(send({ thinking: THINKING, output_config }, 'claude-opus-5').request).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config,
    })
  })

  it('stays where the model takes it, and where no model is put in its place', () => {
    for (const model of ['claude-haiku-4-5', 'claude-opus-4-6', 'glm-5', undefined])
      expect(send({ thinking: THINKING }, model).request).toMatchObject({ thinking: THINKING })
    const odd = { thinking: { type: 'enabled', budget_tokens: 'much' } }
    expect(send(odd, 'claude-opus-5').request).toMatchObject(odd)
  })

  it('is refused where the policy wants no such change', () => {
    expect(() => send({ thinking: THINKING }, 'claude-opus-5', 'reject')).toThrow(ConversionError)
    expect(send({ thinking: THINKING }, 'claude-haiku-4-5', 'reject').losses).toEqual([])
  })
})
