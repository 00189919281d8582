import { compileRules, recompileRules } from '@relay/format-converter/rules'
import { describe, expect, test } from 'vitest'

import { createConverter, type ConverterOptions } from '../src/index.ts'

const RULES = compileRules({
  version: 1,
  rules: [
    { id: 'calm', phase: 'request.client', ops: [{ op: 'set', path: '/temperature', value: 0 }] },
    { id: 'signed', phase: 'response', ops: [{ op: 'set', path: '/system_fingerprint', value: 'fp_rule' }] },
  ],
})

function optionsWith(rules: ConverterOptions['rules']): ConverterOptions {
  return {
    client: 'openai-chat',
    upstream: 'anthropic-messages',
    ids: () => 'a'.repeat(24),
    now: () => 1_700_000_000_000,
    rules,
  }
}

const BODY = {
  model: 'claude-opus-5',
  messages: [{ role: 'user', content: 'Hi' }],
  tools: [{ type: 'function', function: { name: 'files.read', parameters: { type: 'object', properties: {} } } }],
  logit_bias: { '1': 2 },
}

const ANSWER = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-5',
  content: [{ type: 'tool_use', id: 'toolu_1', name: 'files_read', input: {} }],
  stop_reason: 'tool_use',
  usage: { input_tokens: 1, output_tokens: 1 },
}

describe('an exchange that another converter goes on with', () => {
  test('reads answers as the first one would, and reports on', () => {
    if (!RULES.ok) throw new Error('the rules of this test are wrong')
    const first = createConverter(optionsWith(RULES.rules)).exchange(BODY, { model: 'claude-opus-5', requestId: 'r' })
    const carried = structuredClone(first.carried())
    const rules = recompileRules(structuredClone(RULES.rules.sources))

    const resumed = createConverter(optionsWith(rules)).resume(carried)

    expect(resumed).toMatchObject({ path: '/messages', headers: first.headers, losses: first.losses })
    const [expected, answer] = [first.response(ANSWER), resumed.response(ANSWER)]
    expect(answer).toEqual(expected)
    expect(JSON.stringify(answer.body)).toContain('"files.read"')
    expect(answer.losses.map(({ code }) => code)).toContain('rule_applied')
    expect([...resumed.ruleFigures].map(([id, { applied }]) => [id, applied])).toEqual([
      ['calm', 1],
      ['signed', 1],
    ])
    expect(resumed.error(529, '{}')).toEqual(first.error(529, '{}'))
  })

  test('rules that could not be used say so there as well', () => {
    const broken = recompileRules([{ type: 'skipped', message: 'the rules cannot be used' }])
    const { losses } = createConverter(optionsWith(broken)).exchange(BODY)
    expect(losses).toContainEqual(
      expect.objectContaining({ code: 'rule_skipped', message: 'the rules cannot be used' }),
    )
  })
})
