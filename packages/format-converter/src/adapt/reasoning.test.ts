import { describe, expect, test } from 'vitest'

import type { Reasoning } from '../model/chat-request.ts'
import type { Seal } from '../model/seal.ts'
import { adapt, parametersOf, requestOf, sketch, type AdaptInit, type Said } from '../testing/request-builder.ts'

function reasoningFor(
  wish: Reasoning,
  init: AdaptInit,
  more: Parameters<typeof parametersOf>[0] = {},
): ReturnType<typeof adapt> & { readonly value: Reasoning | undefined } {
  const from = init.to === 'anthropic-messages' ? 'openai-chat' : 'anthropic-messages'
  const adapted = adapt(
    requestOf(from, [['user', 'hi']], {
      parameters: parametersOf({ reasoning: wish, maxOutputTokens: 32_000, ...more }),
    }),
    init,
  )
  return { ...adapted, value: adapted.request.parameters.reasoning?.value }
}

describe('Anthropic thinking to an effort', () => {
  test.for([
    [{ mode: 'on', style: 'adaptive' }, 'gpt-5.2', { mode: 'on', effort: 'medium' }],
    [{ mode: 'on', style: 'adaptive', effort: 'high' }, 'gpt-5.2', { mode: 'on', effort: 'high' }],
    [{ mode: 'on', style: 'budget', budgetTokens: 31_999 }, 'gpt-5.2', { mode: 'on', effort: 'high' }],
    [{ mode: 'on', style: 'budget', budgetTokens: 1_024 }, 'gpt-5', { mode: 'on', effort: 'minimal' }],
    [{ mode: 'off' }, 'gpt-5.1', { mode: 'off', effort: 'none' }],
    [{ mode: 'off' }, 'gpt-5', { mode: 'on', effort: 'minimal' }],
    [{ mode: 'off' }, 'gpt-4o', undefined],
    [{ mode: 'default', effort: 'max' }, 'gpt-5', { mode: 'on', effort: 'high' }],
  ] as const)('%o for %s is %o', ([wish, model, expected]) => {
    expect(reasoningFor(wish, { to: 'openai-chat', model }).value).toEqual(expected)
  })

  test('EC-162 a level that the model lacks becomes the next lower one, and is reported', () => {
    const { value, losses } = reasoningFor({ mode: 'on', effort: 'xhigh' }, { to: 'openai-chat', model: 'o3' })
    expect(value?.effort).toBe('high')
    expect(losses).toContainEqual(
      expect.objectContaining({
        code: 'effort_clamped',
        level: 'degraded',
        detail: { value: 'xhigh', replacedBy: 'high' },
      }),
    )
  })
})

describe('an effort to Anthropic thinking', () => {
  test.for([
    ['high', 'claude-opus-5', { mode: 'on', style: 'adaptive', effort: 'high' }],
    ['minimal', 'claude-opus-5', { mode: 'on', style: 'adaptive', effort: 'low' }],
    ['xhigh', 'claude-opus-4-6', { mode: 'on', style: 'adaptive', effort: 'high' }],
    ['high', 'claude-sonnet-4-5', { mode: 'on', style: 'budget', budgetTokens: 24_576 }],
    ['low', 'claude-3-7-sonnet', { mode: 'on', style: 'budget', budgetTokens: 4_096 }],
    ['high', 'claude-3-5-haiku', undefined],
    ['medium', 'glm-4.6', { mode: 'on', style: 'budget', budgetTokens: 12_288 }],
  ] as const)('%s for %s', ([effort, model, expected]) => {
    expect(reasoningFor({ mode: 'on', effort }, { to: 'anthropic-messages', model }).value).toEqual(expected)
  })

  test.for([
    ['claude-opus-5', { mode: 'off' }],
    ['claude-fable-5', { mode: 'default', effort: 'low' }],
    ['claude-3-5-haiku', undefined],
  ] as const)('EC-164 "none" for %s is %o', ([model, expected]) => {
    expect(reasoningFor({ mode: 'off', effort: 'none' }, { to: 'anthropic-messages', model }).value).toEqual(expected)
  })

  test('EC-163 a budget that does not fit is lowered', () => {
    const { value } = reasoningFor(
      { mode: 'on', budgetTokens: 40_000 },
      { to: 'anthropic-messages', model: 'claude-sonnet-4-5' },
    )
    expect(value?.budgetTokens).toBe(31_999)
  })

  test('without a limit of the client the answer has room beside the thinking', () => {
    const request = requestOf('openai-chat', [['user', 'hi']], {
      parameters: parametersOf({ reasoning: { mode: 'on', effort: 'high' } }),
    })
    const { parameters } = adapt(request, { to: 'anthropic-messages', model: 'claude-sonnet-4-5' }).request
    expect(parameters.maxOutputTokens?.value).toBe(16_000 + 24_576)
    expect(parameters.reasoning?.value.budgetTokens).toBe(24_576)
  })

  test('a limit too small to think in switches thinking off', () => {
    expect(
      reasoningFor(
        { mode: 'on', effort: 'high' },
        { to: 'anthropic-messages', model: 'claude-sonnet-4-5' },
        { maxOutputTokens: 1_000 },
      ).value,
    ).toEqual({ mode: 'off' })
  })

  test('EC-153 a forced tool switches thinking off on models that refuse both', () => {
    const tools = [{ type: 'function', name: 'look', path: '/tools/0' }] as const
    const parameters = parametersOf({ reasoning: { mode: 'on', effort: 'high' }, toolChoice: { type: 'required' } })
    const request = requestOf('openai-chat', [['user', 'hi']], { tools, parameters })
    const old = adapt(request, { to: 'anthropic-messages', model: 'claude-opus-4-6' })
    expect(old.request.parameters.reasoning?.value.mode).toBe('off')
    expect(old.losses.map((loss) => loss.code)).toContain('thinking_disabled_forced_tool')
    expect(
      adapt(request, { to: 'anthropic-messages', model: 'claude-opus-5' }).request.parameters.reasoning?.value.mode,
    ).toBe('on')
  })

  test('an open tool loop without its thinking goes on without thinking on budget models', () => {
    const said: Said[] = [
      ['user', 'go'],
      ['assistant', [{ type: 'tool-call', id: 'a', name: 'look', arguments: '{}', form: 'json' }]],
      ['user', [{ type: 'tool-result', callId: 'a', form: 'json', parts: [] }]],
    ]
    const parameters = parametersOf({ reasoning: { mode: 'on', effort: 'high' } })
    const value = (model: string): string | undefined =>
      adapt(requestOf('openai-chat', said, { parameters }), { to: 'anthropic-messages', model }).request.parameters
        .reasoning?.value.mode
    expect([value('claude-sonnet-4-5'), value('claude-opus-5')]).toEqual(['off', 'on'])
  })
})

const thinking = (seal?: Seal): Said[] => [
  ['user', 'hi'],
  [
    'assistant',
    [
      { type: 'reasoning', text: 'hm', kind: 'summary', ...(seal !== undefined && { seal }) },
      { type: 'text', text: 'yes' },
    ],
  ],
  ['user', 'go'],
]

const native: Seal = { kind: 'anthropic-signature', format: 'anthropic-messages', value: 'SIG' }

const level = (losses: ReturnType<typeof adapt>['losses']): string | undefined =>
  losses.find((loss) => loss.code === 'reasoning_dropped')?.level

describe('earlier reasoning', () => {
  test('EC-124 a real proof of another vendor is dropped and missed', () => {
    const { request, losses } = adapt(requestOf('anthropic-messages', thinking(native)), { to: 'openai-chat' })
    expect(sketch(request)).toEqual(['user: hi', 'assistant: yes', 'user: go'])
    expect(level(losses)).toBe('degraded')
  })

  test('reasoning that never had a proof is no loss', () => {
    expect(level(adapt(requestOf('anthropic-messages', thinking()), { to: 'openai-chat' }).losses)).toBe('info')
  })

  test("an envelope of the target's own kind is restored", () => {
    const { request, losses } = adapt(requestOf('openai-chat', thinking(native)), {
      to: 'anthropic-messages',
      model: 'claude-opus-5',
    })
    expect(request.turns[1]?.parts[0]).toMatchObject({ type: 'reasoning', seal: native })
    expect(losses.filter((loss) => loss.code === 'reasoning_dropped')).toEqual([])
  })

  test('an envelope of another account is dropped', () => {
    const init: AdaptInit = { to: 'anthropic-messages', model: 'claude-opus-5', issuer: 'bbbb' }
    const { losses } = adapt(requestOf('openai-chat', thinking({ ...native, issuer: 'aaaa' })), init)
    expect(level(losses)).toBe('degraded')
    expect(
      adapt(requestOf('openai-chat', thinking({ ...native, issuer: 'bbbb' })), init).losses.map((loss) => loss.code),
    ).not.toContain('reasoning_dropped')
  })

  test('an envelope for an upstream without any replay is no loss', () => {
    const seal: Seal = { kind: 'openai-reasoning', format: 'openai-responses', value: 'x', issuer: 'aaaa' }
    expect(level(adapt(requestOf('anthropic-messages', thinking(seal)), { to: 'openai-chat' }).losses)).toBe('info')
  })

  test('EC-131 an upstream that wants the text of earlier reasoning gets it', () => {
    const { request } = adapt(requestOf('anthropic-messages', thinking()), {
      to: 'openai-chat',
      profile: { id: 'deepseek' },
    })
    expect(sketch(request)[1]).toBe('assistant: (hm) | yes')
  })

  test('by option its text becomes visible', () => {
    const { request } = adapt(requestOf('anthropic-messages', thinking(native)), {
      to: 'openai-chat',
      options: { foreignReasoning: 'text' },
    })
    expect(sketch(request)[1]).toBe('assistant: hm | yes')
  })
})
