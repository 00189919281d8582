import { describe, expect, test } from 'vitest'

import { adapt, requestOf, sketch, type Said } from '../testing/request-builder.ts'

const CLAUDE = { to: 'anthropic-messages', model: 'claude-sonnet-4-5' } as const
const CHAT = { to: 'openai-chat', model: 'some-model' } as const

const call = (id: string, name = 'look'): Said[1] => [{ type: 'tool-call', id, name, arguments: '{}', form: 'json' }]
const result = (callId: string, text = 'seen'): Said[1] => [
  { type: 'tool-result', callId, form: 'json', parts: [{ type: 'text', text, path: '' }] },
]

function codes(losses: readonly { readonly code: string; readonly level: string }[]): readonly string[] {
  return losses.map((loss) => `${loss.code}:${loss.level}`)
}

describe('system messages', () => {
  test('EC-104 leading ones stay in front, a late one becomes a reminder behind the results', () => {
    const said: Said[] = [
      ['operator', 'A'],
      ['operator', 'B'],
      ['user', 'hi'],
      ['assistant', call('c')],
      ['operator', 'late'],
      ['user', result('c')],
    ]
    const { request, losses } = adapt(requestOf('openai-chat', said), CLAUDE)
    expect(sketch(request)).toEqual([
      'operator: A',
      'operator: B',
      'user: hi',
      'assistant: look#c{}',
      'user: c=>seen | <system-reminder>\nlate\n</system-reminder>',
    ])
    expect(codes(losses)).toContain('operator_as_user:degraded')
  })

  test('a reminder never crosses an assistant turn, so that cached prefixes stay', () => {
    const said: Said[] = [
      ['user', 'one'],
      ['operator', 'late'],
      ['assistant', 'yes'],
      ['user', 'two'],
    ]
    const { request } = adapt(requestOf('openai-chat', said), CLAUDE)
    expect(sketch(request)).toEqual([
      'user: one | <system-reminder>\nlate\n</system-reminder>',
      'assistant: yes',
      'user: two',
    ])
  })

  test('a model that knows late system messages gets them behind the user message', () => {
    const said: Said[] = [
      ['user', 'one'],
      ['assistant', 'yes'],
      ['operator', 'late'],
      ['user', 'two'],
      ['operator', 'later'],
    ]
    const { request, losses } = adapt(requestOf('openai-chat', said), {
      to: 'anthropic-messages',
      model: 'claude-opus-5',
    })
    expect(sketch(request)).toEqual(['user: one', 'assistant: yes', 'user: two', 'operator: late | later'])
    expect(codes(losses)).toContain('operator_moved:repaired')
  })

  test('one before an assistant turn of which nothing is left stands behind the user message, too', () => {
    const seal = { format: 'anthropic-messages', kind: 'anthropic-signature', value: 'S' } as const
    const said: Said[] = [
      ['user', 'one'],
      ['operator', 'late'],
      ['assistant', [{ type: 'reasoning', text: 'hm', kind: 'full', seal }]],
      ['user', 'two'],
    ]
    const { request } = adapt(requestOf('openai-responses', said), { ...CLAUDE, model: 'claude-opus-5' })
    expect(sketch(request)).toEqual(['user: one | two', 'operator: late'])
  })

  test('a Chat server that takes system messages at the beginning alone gets late ones as reminders', () => {
    const said: Said[] = [
      ['operator', 'A'],
      ['operator', 'B'],
      ['user', 'go'],
      ['assistant', call('c')],
      ['operator', 'late'],
      ['user', result('c')],
    ]
    const profile = { dialect: { lateSystem: false } }
    const { request, losses } = adapt(requestOf('anthropic-messages', said), { ...CHAT, profile })
    expect(sketch(request)).toEqual([
      'operator: A | B',
      'user: go',
      'assistant: look#c{}',
      'user: c=>seen | <system-reminder>\nlate\n</system-reminder>',
    ])
    expect(codes(losses)).toContain('operator_as_user:degraded')
  })

  test('for Chat one between calls and results moves behind the results', () => {
    const said: Said[] = [
      ['user', 'go'],
      ['assistant', call('c')],
      ['operator', 'late'],
      ['user', result('c')],
      ['user', 'more'],
    ]
    const { request, losses } = adapt(requestOf('anthropic-messages', said), CHAT)
    expect(sketch(request)).toEqual([
      'user: go',
      'assistant: look#c{}',
      'user: c=>seen',
      'operator: late',
      'user: more',
    ])
    expect(codes(losses)).toEqual(['operator_moved:repaired'])
  })

  test('EC-105 only system messages become a user message', () => {
    const { request, losses } = adapt(requestOf('openai-chat', [['operator', 'S']]), CLAUDE)
    expect(sketch(request)).toEqual(['user: S'])
    expect(codes(losses)).toContain('system_only:repaired')
  })
})

describe('empty and neighbouring messages', () => {
  test('EC-115 and EC-116 empty texts and messages go, neighbours are joined', () => {
    const said: Said[] = [
      ['user', 'a'],
      ['assistant', '  '],
      ['user', 'b'],
    ]
    const { request, losses } = adapt(requestOf('openai-chat', said), CLAUDE)
    expect(sketch(request)).toEqual(['user: a | b'])
    expect(codes(losses)).toContain('empty_removed:repaired')
  })

  test.for([
    ['openai-chat', '/messages'],
    ['openai-responses', '/input'],
  ] as const)('nothing but empty messages is an error of the client: %s at %s', ([format, path]) => {
    expect(() => adapt(requestOf(format, [['user', ' ']]), CLAUDE)).toThrow(`${path}: no message with content is left`)
  })
})

describe('tool results', () => {
  test('EC-108 several results in a row are one turn, in call order', () => {
    const calls: Said[1] = [...(call('a') as []), ...(call('b') as [])]
    const said: Said[] = [
      ['user', 'go'],
      ['assistant', calls],
      ['user', result('b', 'B')],
      ['user', result('a', 'A')],
    ]
    expect(sketch(adapt(requestOf('openai-chat', said), CLAUDE).request).at(-1)).toBe('user: a=>A | b=>B')
  })

  test('EC-109 and EC-110 text between call and result follows the result', () => {
    const said: Said[] = [
      ['user', 'go'],
      ['assistant', call('a')],
      ['user', 'wait'],
      ['user', result('a')],
    ]
    expect(sketch(adapt(requestOf('openai-chat', said), CLAUDE).request).at(-1)).toBe('user: a=>seen | wait')
  })

  test('EC-111 an orphan becomes text', () => {
    const { request, losses } = adapt(
      requestOf('openai-chat', [
        ['user', result('x')],
        ['user', 'go'],
      ]),
      CLAUDE,
    )
    expect(sketch(request)).toEqual(['user: [tool result x] seen | go'])
    expect(codes(losses)).toContain('orphan_tool_result:degraded')
  })

  test('EC-111 a missing result is made up for, and says so', () => {
    const { request, losses } = adapt(
      requestOf('openai-chat', [
        ['user', 'go'],
        ['assistant', call('a')],
        ['user', 'next'],
      ]),
      CLAUDE,
    )
    expect(sketch(request).at(-1)).toBe('user: a=>Tool result missing.! | next')
    expect(codes(losses)).toContain('missing_tool_result:repaired')
  })

  test('EC-111 of two results the later one counts', () => {
    const said: Said[] = [
      ['user', 'go'],
      ['assistant', call('a')],
      ['user', result('a', 'old')],
      ['user', result('a', 'new')],
    ]
    const { request, losses } = adapt(requestOf('openai-chat', said), CHAT)
    expect(sketch(request).at(-1)).toBe('user: a=>new')
    expect(codes(losses)).toContain('duplicate_tool_result:repaired')
  })

  test('EC-112 one id in two rounds becomes two ids', () => {
    const said: Said[] = [
      ['user', 'go'],
      ['assistant', call('a')],
      ['user', result('a', '1')],
      ['assistant', call('a')],
      ['user', result('a', '2')],
    ]
    expect(sketch(adapt(requestOf('openai-chat', said), CLAUDE).request)).toEqual([
      'user: go',
      'assistant: look#a{}',
      'user: a=>1',
      'assistant: look#a_2{}',
      'user: a_2=>2',
    ])
  })

  test('two calls of one id in one turn keep their results apart', () => {
    const calls: Said[1] = [...(call('a') as []), ...(call('a') as [])]
    const said: Said[] = [
      ['user', 'go'],
      ['assistant', calls],
      ['user', result('a', '1')],
      ['user', result('a', '2')],
    ]
    expect(sketch(adapt(requestOf('openai-chat', said), CLAUDE).request).at(-1)).toBe('user: a=>1 | a_2=>2')
  })

  test('calls without an id get one that their results share', () => {
    const said: Said[] = [
      ['user', 'go'],
      ['assistant', call('')],
      ['user', result('')],
    ]
    const { request } = adapt(requestOf('openai-chat', said), CLAUDE)
    const id = /#(call_[0-9a-f]{32})\{\}/.exec(sketch(request)[1] ?? '')?.[1]
    expect(sketch(request)[2]).toBe(`user: ${id}=>seen`)
  })
})

describe('first and last turn', () => {
  test('a conversation that the assistant began gets a user turn before it', () => {
    const { request, losses } = adapt(
      requestOf('openai-chat', [
        ['assistant', 'hello'],
        ['user', 'hi'],
      ]),
      CLAUDE,
    )
    expect(sketch(request)).toEqual(['user: Continue.', 'assistant: hello', 'user: hi'])
    expect(codes(losses)).toContain('turn_inserted:repaired')
  })

  test('EC-118 a begun answer loses the space at its end', () => {
    expect(
      sketch(
        adapt(
          requestOf('openai-chat', [
            ['user', 'hi'],
            ['assistant', '{ '],
          ]),
          CLAUDE,
        ).request,
      ).at(-1),
    ).toBe('assistant: {')
  })

  test('EC-119 a model without prefill is asked to continue', () => {
    const { request, losses } = adapt(
      requestOf('openai-chat', [
        ['user', 'hi'],
        ['assistant', '{'],
      ]),
      { to: 'anthropic-messages', model: 'claude-opus-5' },
    )
    expect(sketch(request).at(-1)).toBe('user: Continue.')
    expect(codes(losses)).toContain('prefill_unsupported:degraded')
  })
})

test('reasoning goes first and calls last in what Chat clients remember', () => {
  const parts: Said[1] = [...(call('a') as []), { type: 'text', text: 'say' }]
  const said: Said[] = [
    ['user', 'go'],
    ['assistant', parts],
    ['user', result('a')],
  ]
  expect(sketch(adapt(requestOf('openai-chat', said), CLAUDE).request)[1]).toBe('assistant: say | look#a{}')
})

test('EC-138 a summary cuts what it stands for', () => {
  const said: Said[] = [
    ['operator', 'S'],
    ['user', 'old'],
    [
      'assistant',
      [
        { type: 'compaction', text: 'they spoke' },
        { type: 'text', text: 'go on' },
      ],
    ],
    ['user', 'new'],
  ]
  const { request } = adapt(requestOf('anthropic-messages', said), CHAT)
  expect(sketch(request)).toEqual([
    'operator: S',
    'user: Summary of the conversation so far: they spoke',
    'assistant: go on',
    'user: new',
  ])
})

test('EC-138 a summary that only its vendor can read is refused', () => {
  const said: Said[] = [
    ['user', 'old'],
    ['assistant', [{ type: 'compaction' }]],
    ['user', 'new'],
  ]
  expect(() => adapt(requestOf('anthropic-messages', said), CHAT)).toThrow('/messages/1/content/0')
})
