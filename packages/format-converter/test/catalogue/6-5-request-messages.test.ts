import { describe, expect, test } from 'vitest'

import { createConverter, profiles, type JsonObject } from '../../src/index.ts'
import { wrapSeal } from '../../src/wire/seal-envelope.ts'
import { chatCall, chatResult, chatTool, PDF, PNG, toChat, toMessages, toolResult, toolUse } from './request-bodies.ts'

const USER = { role: 'user', content: 'hi' } as const

/** A conversation in which the assistant's answer begins with a block. */
function history(block: JsonObject): JsonObject[] {
  return [USER, { role: 'assistant', content: [block, { type: 'text', text: 'yes' }] }, USER]
}

/** One user message. */
function user(...content: JsonObject[]): JsonObject {
  return { messages: [{ role: 'user', content }] }
}

describe('roles', () => {
  test('EC-103 the developer role is the system prompt, never the assistant', () => {
    const { body } = toMessages({ messages: [{ role: 'developer', content: 'D' }, USER] })
    expect(body.system).toEqual([{ type: 'text', text: 'D' }])
    expect(body.messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'hi' }] }])
  })

  test('EC-104 two system messages open, a later one becomes a reminder, the order stays', () => {
    const messages = [
      { role: 'system', content: 'A' },
      { role: 'developer', content: 'B' },
      USER,
      { role: 'assistant', content: 'yes' },
      { role: 'system', content: 'C' },
      USER,
    ]
    const { body, marks } = toMessages({ messages })
    expect(body.system.map((block: { text: string }) => block.text)).toEqual(['A', 'B'])
    expect(body.messages[2].content).toEqual([
      { type: 'text', text: 'hi' },
      { type: 'text', text: '<system-reminder>\nC\n</system-reminder>' },
    ])
    expect(marks).toContain('operator_as_user:degraded')
  })

  test('EC-104 for a reasoning model of OpenAI system messages are the developer, in place', () => {
    const { body } = toChat({
      system: 'A',
      messages: [USER, { role: 'system', content: 'late' }, { role: 'assistant', content: 'yes' }, USER],
    })
    expect(body.messages.map((message: { role: string }) => message.role)).toEqual([
      'developer',
      'user',
      'developer',
      'assistant',
      'user',
    ])
  })

  test('EC-105 a request of system messages only becomes a user turn', () => {
    const { body, marks } = toMessages({ messages: [{ role: 'system', content: 'S' }] })
    expect(body.system).toBeUndefined()
    expect(body.messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'S' }] }])
    expect(marks).toContain('system_only:repaired')
  })
})

describe('assistant messages', () => {
  const tools = [chatTool('look')]

  test('EC-106 null content is no text', () => {
    const { body } = toMessages({ tools, messages: [USER, chatCall('a'), chatResult('a')] })
    expect(body.messages[1].content).toEqual([{ type: 'tool_use', id: 'a', name: 'look', input: {} }])
  })

  test('EC-107 text and calls are both kept', () => {
    const { body } = toMessages({
      tools,
      messages: [USER, { ...chatCall('a'), content: 'let me see' }, chatResult('a')],
    })
    expect(body.messages[1].content.map((block: { type: string }) => block.type)).toEqual(['text', 'tool_use'])
  })

  test('EC-115 empty and blank texts are removed', () => {
    const { body, marks } = toMessages({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: '' },
            { type: 'text', text: ' \n' },
            { type: 'text', text: 'x' },
          ],
        },
      ],
    })
    expect(body.messages[0].content).toEqual([{ type: 'text', text: 'x' }])
    expect(marks).toContain('empty_removed:repaired')
  })

  test('EC-116 an empty assistant message in the middle goes, its neighbours are joined', () => {
    const { body } = toMessages({
      messages: [USER, { role: 'assistant', content: '' }, { role: 'user', content: 'again' }],
    })
    expect(body.messages).toHaveLength(1)
    expect(body.messages[0].content.map((block: { text: string }) => block.text)).toEqual(['hi', 'again'])
  })

  test('EC-117 calls without text have content null for Chat, users never do', () => {
    const { body } = toChat({
      messages: [
        { role: 'user', content: 'go' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: '' },
            { type: 'tool_use', id: 'a', name: 'look', input: {} },
          ],
        },
        toolResult('a'),
      ],
    })
    expect(body.messages[1].content).toBeNull()
    expect(
      body.messages.filter(
        (message: { role: string; content: unknown }) => message.role === 'user' && message.content === null,
      ),
    ).toEqual([])
  })

  test('EC-118 space at the end of a begun answer is trimmed', () => {
    const { body } = toMessages(
      { messages: [USER, { role: 'assistant', content: '{"a": ' }] },
      { model: 'claude-sonnet-4-5' },
    )
    expect(body.messages[1].content).toEqual([{ type: 'text', text: '{"a":' }])
  })

  test('EC-119 a begun answer for a model that does not continue gets a user turn', () => {
    const { body, marks } = toMessages(
      { messages: [USER, { role: 'assistant', content: '{' }] },
      { model: 'claude-opus-5' },
    )
    expect(body.messages.at(-1)).toEqual({ role: 'user', content: [{ type: 'text', text: 'Continue.' }] })
    expect(marks).toContain('prefill_unsupported:degraded')
  })

  test('EC-136 the name of a speaker is dropped quietly, or told by option', () => {
    const request = { messages: [{ role: 'user', name: 'ann', content: 'hi' }] }
    expect(toMessages(request).losses).toContainEqual(
      expect.objectContaining({ path: '/messages/0/name', level: 'info' }),
    )
    expect(toMessages(request, { options: { nameInText: true } }).body.messages[0].content[0].text).toBe('ann: hi')
  })

  test('a switch of a vendor that is off is no loss', () => {
    const said = { role: 'assistant', content: 'yes' }
    const paths = (prefix: boolean): string[] =>
      toMessages({ messages: [USER, { ...said, prefix }, USER] }).losses.map(({ path }) => path)
    expect([paths(true), paths(false)]).toEqual([['/messages/1/prefix', '/max_tokens'], ['/max_tokens']])
  })

  test('EC-137 legacy functions become tools, calls and results', () => {
    const { body } = toMessages({
      functions: [{ name: 'look', parameters: { type: 'object', properties: {} } }],
      function_call: { name: 'look' },
      messages: [
        USER,
        { role: 'assistant', content: null, function_call: { name: 'look', arguments: '{"a":1}' } },
        { role: 'function', name: 'look', content: 'seen' },
      ],
    })
    expect(body.tools[0].name).toBe('look')
    expect(body.tool_choice).toEqual({ type: 'tool', name: 'look' })
    const [call] = body.messages[1].content
    expect(call).toMatchObject({ type: 'tool_use', name: 'look', input: { a: 1 } })
    expect(body.messages[2].content).toEqual([{ type: 'tool_result', tool_use_id: call.id, content: 'seen' }])
  })
})

describe('tool results', () => {
  const tools = [chatTool('look')]
  const calls = {
    role: 'assistant',
    content: null,
    tool_calls: ['a', 'b'].map((id) => ({ id, type: 'function', function: { name: 'look', arguments: '{}' } })),
  }

  test('EC-108 consecutive tool messages are one user message', () => {
    const { body, losses } = toMessages({ tools, messages: [USER, calls, chatResult('a', 'A'), chatResult('b', 'B')] })
    expect(body.messages).toHaveLength(3)
    expect(body.messages[2].content.map((block: { tool_use_id: string }) => block.tool_use_id)).toEqual(['a', 'b'])
    expect(losses.filter((loss) => loss.level !== 'info')).toEqual([])
  })

  test('EC-109 results move next to their calls, text follows', () => {
    const { body } = toMessages({
      tools,
      messages: [USER, chatCall('a'), { role: 'user', content: 'wait' }, chatResult('a')],
    })
    expect(body.messages[2].content.map((block: { type: string }) => block.type)).toEqual(['tool_result', 'text'])
  })

  test('EC-110 text before a result in one message follows it', () => {
    const content = [
      { type: 'text', text: 'what?' },
      { type: 'tool_result', tool_use_id: 'a', content: 'seen' },
    ]
    const { body } = toChat({ messages: [USER, toolUse('a'), { role: 'user', content }] })
    expect(body.messages.slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'seen' },
      { role: 'user', content: 'what?' },
    ])
  })

  test('EC-111 orphans, missing and double results', () => {
    const { body, marks } = toMessages({
      tools,
      messages: [USER, calls, chatResult('a', 'old'), chatResult('a', 'new'), chatResult('zz', 'lost'), USER],
    })
    expect(body.messages[2].content).toEqual([
      { type: 'tool_result', tool_use_id: 'a', content: 'new' },
      { type: 'tool_result', tool_use_id: 'b', content: 'Tool result missing.', is_error: true },
      { type: 'text', text: '[tool result zz] lost' },
      { type: 'text', text: 'hi' },
    ])
    expect(marks).toEqual(
      expect.arrayContaining([
        'orphan_tool_result:degraded',
        'missing_tool_result:repaired',
        'duplicate_tool_result:repaired',
      ]),
    )
  })

  test('EC-112 one call id in two rounds becomes two', () => {
    const { body } = toMessages({
      tools,
      messages: [USER, chatCall('a'), chatResult('a', '1'), chatCall('a'), chatResult('a', '2')],
    })
    expect([body.messages[3].content[0].id, body.messages[4].content[0].tool_use_id]).toEqual(['a_2', 'a_2'])
  })

  test('EC-113 a call id of 70 characters is shortened, call and result alike', () => {
    const id = `toolu_${'x'.repeat(64)}`
    const { body } = toChat({ messages: [USER, toolUse(id), toolResult(id, { content: 'seen' })] })
    const short = body.messages[1].tool_calls[0].id
    expect(short).toMatch(/^call_[0-9a-f]{32}$/)
    expect(body.messages[2].tool_call_id).toBe(short)
  })

  test('EC-114 odd characters in ids are replaced, and odd ids stay apart', () => {
    const odd = {
      role: 'assistant',
      content: null,
      tool_calls: ['f:0', 'f.0', 'f|0'].map((id) => ({
        id,
        type: 'function',
        function: { name: 'look', arguments: '{}' },
      })),
    }
    const { body } = toMessages({
      tools,
      messages: [USER, odd, chatResult('f:0'), chatResult('f.0'), chatResult('f|0')],
    })
    const ids = body.messages[1].content.map((block: { id: string }) => block.id)
    for (const id of ids) expect(id).toMatch(/^f_0_[0-9a-f]{8}$/)
    expect(new Set(ids).size).toBe(3)
    expect(body.messages[2].content.map((block: { tool_use_id: string }) => block.tool_use_id)).toEqual(ids)
  })

  test('EC-120 images of results follow all tool messages in a user message', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }
    const content = [
      { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'ok' }, image] },
      { type: 'tool_result', tool_use_id: 'b', content: 'plain' },
    ]
    const both = {
      role: 'assistant',
      content: ['a', 'b'].map((id) => ({ type: 'tool_use', id, name: 'look', input: {} })),
    }
    const { body, marks } = toChat({ messages: [USER, both, { role: 'user', content }] })
    expect(body.messages.slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'ok\n[image 1 attached below]' },
      { role: 'tool', tool_call_id: 'b', content: 'plain' },
      {
        role: 'user',
        content: [
          { type: 'text', text: '[image 1 from tool look]' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
        ],
      },
    ])
    expect(marks).toContain('media_moved:degraded')
  })

  test.for([
    ['a string', { content: 'text' }, 'text'],
    [
      'a list',
      {
        content: [
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two' },
        ],
      },
      'one\ntwo',
    ],
    ['empty', { content: '' }, ''],
    ['an empty list', { content: [] }, ''],
    ['missing', {}, ''],
  ] as const)('EC-121 result content that is %s is legal', ([, more, expected]) => {
    const { body } = toChat({ messages: [USER, toolUse('a'), toolResult('a', more)] })
    expect(body.messages[2]).toEqual({ role: 'tool', tool_call_id: 'a', content: expected })
  })

  test('EC-122 a failed tool says so in its text, once', () => {
    const sent = ['no file', 'Error: no file'].map((content) =>
      toChat({ messages: [USER, toolUse('a'), toolResult('a', { is_error: true, content })] }),
    )
    expect(sent.map(({ body }) => body.messages[2].content)).toEqual(['Error: no file', 'Error: no file'])
    const back = toMessages({ tools, messages: [USER, chatCall('a'), chatResult('a', 'Error: no file')] })
    expect(back.body.messages[2].content).toEqual([
      { type: 'tool_result', tool_use_id: 'a', content: 'Error: no file' },
    ])
  })

  test('EC-123 a JSON object as result becomes its text', () => {
    const { body } = toChat({ messages: [USER, toolUse('a'), toolResult('a', { content: { ok: true } })] })
    expect(body.messages[2].content).toBe('{"ok":true}')
  })

  const A = { type: 'text', text: 'a' }
  test.each([
    ['a list that is none of parts becomes its text', [{ x: 1 }, 'a'], '[{"x":1},"a"]'],
    ['a list in a list becomes its text', [[1]], '[[1]]'],
    ['a list of parts, of which one is a text alone, stays a list', ['a', A], [A, A]],
  ])('EC-123 %s', (_case, content, given) => {
    const { body } = toMessages({ tools, messages: [USER, chatCall('a'), { ...chatResult('a', ''), content }] })
    expect(body.messages[2].content[0].content).toEqual(given)
  })
})

describe('reasoning', () => {
  test('EC-124 a signature of another vendor is dropped, and none is made up', () => {
    const signature = wrapSeal({ kind: 'openai-reasoning', format: 'openai-responses', value: 'gAAA', itemId: 'rs_1' })
    const details = [{ type: 'reasoning.encrypted', data: signature, id: 'rs_1', format: 'relay' }]
    const { body, marks } = toMessages({
      messages: [USER, { role: 'assistant', content: 'yes', reasoning_details: details }, USER],
    })
    expect(body.messages[1].content).toEqual([{ type: 'text', text: 'yes' }])
    expect(marks).toContain('reasoning_dropped:degraded')
  })

  test('EC-124 an envelope comes back as the thinking block it was', () => {
    const data = wrapSeal({ kind: 'anthropic-signature', format: 'anthropic-messages', value: 'SIG', issuer: 'acc1' })
    const message = {
      role: 'assistant',
      content: 'yes',
      reasoning_content: 'hm',
      reasoning_details: [{ type: 'reasoning.encrypted', data, id: 'x', format: 'relay' }],
    }
    const kept = toMessages({ messages: [USER, message, USER] }, { issuer: 'acc1' })
    expect(kept.body.messages[1].content[0]).toEqual({ type: 'thinking', thinking: 'hm', signature: 'SIG' })
    const other = toMessages({ messages: [USER, message, USER] }, { issuer: 'acc2' })
    expect(other.body.messages[1].content).toEqual([{ type: 'text', text: 'yes' }])
  })

  test('EC-125 between equal formats a thinking block is not even looked at', () => {
    const body = {
      model: 'claude-opus-5',
      max_tokens: 10,
      messages: history({ type: 'thinking', signature: 'S', thinking: ' a ' }),
    }
    expect(
      createConverter({ client: 'anthropic-messages', upstream: 'anthropic-messages' }).exchange(body).request,
    ).toBe(body)
  })

  test('EC-131 DeepSeek gets the text of reasoning back, others do not', () => {
    const messages = [
      USER,
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: '' },
          { type: 'tool_use', id: 'a', name: 'look', input: {} },
        ],
      },
      toolResult('a'),
    ]
    expect(
      toChat({ messages }, { model: 'deepseek-reasoner', profile: { id: 'deepseek' } }).body.messages[1]
        .reasoning_content,
    ).toBe('hm')
    const other = toChat({ messages })
    expect(JSON.stringify(other.body)).not.toContain('reasoning_content')
    expect(other.marks).toContain('reasoning_dropped:info')
  })

  test('EC-139 hidden reasoning does not go to Chat', () => {
    const { body, marks } = toChat({ messages: history({ type: 'redacted_thinking', data: 'x' }) })
    expect(body.messages[1]).toEqual({ role: 'assistant', content: 'yes' })
    expect(marks).toContain('reasoning_dropped:degraded')
  })
})

describe('media', () => {
  test('EC-132 an image URL stays a URL', () => {
    const { body } = toMessages(user({ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }))
    expect(body.messages[0].content).toEqual([
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
    ])
  })

  test.for([
    `data:image/png;charset=utf-8;base64,${PNG}`,
    `DATA:image/PNG;BASE64,${PNG}`,
    `data:image/png;base64,${PNG.slice(0, 40)}\r\n ${PNG.slice(40)}`,
  ])('EC-133 a data URL in an odd spelling is understood: %s', (url) => {
    const { body } = toMessages(user({ type: 'image_url', image_url: { url } }))
    expect(body.messages[0].content).toEqual([
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
    ])
  })

  test('the bytes of an image count more than what is said of it', () => {
    const { body, marks } = toMessages(user({ type: 'image_url', image_url: { url: `data:image/jpg;base64,${PNG}` } }))
    expect(body.messages[0].content[0].source.media_type).toBe('image/png')
    expect(marks).toContain('media_type_fixed:repaired')
  })

  test('an image that no model reads is refused with its place', () => {
    const request = user({ type: 'image_url', image_url: { url: 'data:image/svg+xml;base64,PHN2Zz4=' } })
    expect(() => toMessages(request)).toThrow(/^\/messages\/0\/content\/0: .*image\/svg\+xml/)
  })

  test('EC-134 a PDF becomes a file, and back', () => {
    const chat = toChat({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'document', title: 'a.pdf', source: { type: 'base64', media_type: 'application/pdf', data: PDF } },
          ],
        },
      ],
    })
    const part = { type: 'file', file: { file_data: `data:application/pdf;base64,${PDF}`, filename: 'a.pdf' } }
    expect(chat.body.messages[0].content).toEqual([part])
    const back = toMessages(user(part))
    expect(back.body.messages[0].content).toEqual([
      { type: 'document', title: 'a.pdf', source: { type: 'base64', media_type: 'application/pdf', data: PDF } },
    ])
  })

  test('EC-135 audio is refused with its place', () => {
    expect(() => toMessages(user({ type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } }))).toThrow(
      /^\/messages\/0\/content\/0: .*audio_unsupported/,
    )
  })

  test('stored files do not travel', () => {
    expect(() => toMessages(user({ type: 'file', file: { file_id: 'file-1' } }))).toThrow('file_not_portable')
    const image = { type: 'image', source: { type: 'file', file_id: 'file_1' } }
    expect(() => toChat({ messages: [{ role: 'user', content: [image] }] })).toThrow('file_not_portable')
  })

  test('documents become text or links for Chat', () => {
    const content = [
      { type: 'document', title: 'T', context: 'C', source: { type: 'text', media_type: 'text/plain', data: 'words' } },
      { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } },
      {
        type: 'search_result',
        title: 'R',
        source: 'https://example.com/r',
        content: [{ type: 'text', text: 'found' }],
      },
    ]
    const { body, marks } = toChat({ messages: [{ role: 'user', content }] })
    expect(body.messages[0].content).toBe(
      'T\nC\nwords\n\n[document: https://example.com/a.pdf]\n\n[source] R — https://example.com/r\nfound',
    )
    expect(marks).toContain('media_linked:degraded')
  })
})

test('EC-138 a summary in the history cuts what came before', () => {
  const messages = [
    USER,
    {
      role: 'assistant',
      content: [
        { type: 'compaction', content: 'they spoke' },
        { type: 'text', text: 'go on' },
      ],
    },
    USER,
  ]
  expect(toChat({ system: 'S', messages }).body.messages).toEqual([
    { role: 'developer', content: 'S' },
    { role: 'user', content: 'Summary of the conversation so far: they spoke' },
    { role: 'assistant', content: 'go on' },
    { role: 'user', content: 'hi' },
  ])
})

test('the attribution line of Claude Code goes to Anthropic only', () => {
  const system = [
    { type: 'text', text: 'x-anthropic-billing-header: cc_version=2' },
    { type: 'text', text: 'You help.' },
  ]
  const { body, losses } = toChat({ system })
  expect(body.messages[0].content).toBe('You help.')
  expect(losses).toContainEqual(expect.objectContaining({ path: '/system/0', level: 'info' }))
})

test('the effort of the last system message is the effort of the request', () => {
  const late = { role: 'system', content: 'think hard', output_config: { effort: 'high' } }
  const { body } = toChat({ output_config: { effort: 'low' }, messages: [USER, late] })
  expect(body.reasoning_effort).toBe('high')
})

test('Mistral gets call ids of nine letters', () => {
  const { body } = toChat(
    { messages: [USER, toolUse('toolu_1'), toolResult('toolu_1')] },
    { model: 'mistral-large', profile: profiles.resolve('openai-chat', 'mistral-large', { id: 'mistral' }) },
  )
  expect(body.messages[1].tool_calls[0].id).toMatch(/^[a-zA-Z0-9]{9}$/)
  expect(body.messages[2].tool_call_id).toBe(body.messages[1].tool_calls[0].id)
})
