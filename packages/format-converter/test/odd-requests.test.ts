import { describe, expect, it } from 'vitest'

import { convertRequest, profiles, type JsonObject } from '../src/index.ts'
import type { Loose } from '../src/testing/loose.ts'
import { plain } from './support/exchanges.ts'
import type { Format } from './support/pairs.ts'

interface Converted {
  readonly body: Loose
  readonly losses: readonly string[]
}

function convert(from: Format, to: Format, body: JsonObject): Converted {
  const converted = convertRequest({ from, to, body: { ...body } })
  return { body: plain(converted.body), losses: converted.losses.map(({ code, path }) => `${code} ${path}`) }
}

const CHAT = { model: 'gpt-5.2', messages: [{ role: 'user', content: 'x' }] }
const RESPONSES = { model: 'gpt-5.2', input: 'x' }
const MESSAGES = { model: 'm', max_tokens: 99, messages: [{ role: 'user', content: 'x' }] }
const TOOL = { name: 't', input_schema: { type: 'object', properties: {} } }

describe('members that nobody knows, inside what is known', () => {
  it.each([
    ['/tool_choice/function/odd', { tool_choice: { type: 'function', function: { name: 'f', odd: 1 } } }],
    ['/tool_choice/custom/odd', { tool_choice: { type: 'custom', custom: { name: 'c', odd: 1 } } }],
    ['/function_call/odd', { function_call: { name: 'f', odd: 1 } }],
    [
      '/tools/0/custom/format/odd',
      { tools: [{ type: 'custom', custom: { name: 'c', format: { type: 'text', odd: 1 } } }] },
    ],
    [
      '/tools/0/custom/format/grammar/odd',
      {
        tools: [
          {
            type: 'custom',
            custom: { name: 'c', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'd', odd: 1 } } },
          },
        ],
      },
    ],
    [
      '/messages/0/content/0/prompt_cache_breakpoint/odd',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'text', text: 'x', prompt_cache_breakpoint: { mode: 'explicit', odd: 1 } }],
          },
        ],
      },
    ],
    ['/web_search_options/odd', { web_search_options: { odd: 1 } }],
    ['/web_search_options/user_location/odd', { web_search_options: { user_location: { odd: 1 } } }],
    [
      '/web_search_options/user_location/approximate/__proto__',
      { web_search_options: { user_location: { approximate: JSON.parse('{"city":"Bonn","__proto__":{}}') } } },
    ],
  ] as const)('are reported: %s', (path, members) => {
    const { body, losses } = convert('openai-chat', 'openai-responses', { ...CHAT, ...(members as JsonObject) })
    expect(losses.map((loss) => loss.split(' ')[1])).toContain(path)
    expect(JSON.stringify(body)).not.toContain('odd')
    expect(JSON.stringify(body)).not.toContain('__proto__')
  })
})

describe('a member that is null', () => {
  it('of the cache options was not given', () => {
    const options = { prompt_cache_options: { mode: 'explicit', ttl: null } }
    const { body } = convert('openai-chat', 'openai-responses', { ...CHAT, model: 'gpt-5.6', ...options })
    expect(body.prompt_cache_options).toEqual({ mode: 'explicit' })
  })
})

describe('cache options of Responses, towards Chat', () => {
  it('keep what Chat has, and the rest is told', () => {
    const prompt_cache_options = { mode: 'explicit', ttl: '12h', prewarm: true }
    const asked = { model: 'gpt-5.6', input: 'x', prompt_cache_options }
    const { body, losses } = convert('openai-responses', 'openai-chat', asked)
    expect(JSON.stringify(body.prompt_cache_options)).toBe('{"mode":"explicit"}')
    expect(losses).toEqual(
      expect.arrayContaining([
        'param_unsupported /prompt_cache_options/ttl',
        'param_unsupported /prompt_cache_options/prewarm',
      ]),
    )
  })
})

describe('a system message that stands alone', () => {
  it('stays a message towards Responses, which takes no input without items', () => {
    const asked = { model: 'gpt-5.2', messages: [{ role: 'system', content: 'Be brief.' }] }
    const { body } = convert('openai-chat', 'openai-responses', asked)
    expect(body).not.toHaveProperty('instructions')
    expect(body.input).toMatchObject([{ role: 'developer', content: [{ text: 'Be brief.' }] }])
  })
})

describe('a switch that is off', () => {
  it.each(['openai-chat', 'openai-responses'] as const)('is not told to %s, which may not know it', (to) => {
    const { body, losses } = convert('anthropic-messages', to, {
      ...MESSAGES,
      tools: [{ ...TOOL, defer_loading: false }],
    })
    expect(JSON.stringify(body.tools)).not.toContain('defer_loading')
    expect(losses).toEqual([])
  })
})

describe('a deferred tool that the request forces', () => {
  it.each(['openai-chat', 'openai-responses'] as const)('is loaded at once for %s', (to) => {
    const { body, losses } = convert('anthropic-messages', to, {
      ...MESSAGES,
      tools: [
        { ...TOOL, defer_loading: true },
        { ...TOOL, name: 'other' },
      ],
      tool_choice: { type: 'tool', name: 't' },
    })
    expect(body.tools.map((tool: Loose) => tool.name ?? tool.function.name)).toEqual(['t', 'other'])
    expect(losses).toEqual(['param_unsupported /tools/0/defer_loading'])
  })
})

describe('a server whose messages are text and nothing else', () => {
  const source = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' }
  const profile = profiles.resolve('openai-chat', 'm', { dialect: { contentMustBeString: true, files: true } })
  const send = (messages: JsonObject[]): Loose =>
    convertRequest({ from: 'anthropic-messages', to: 'openai-chat', body: { ...MESSAGES, messages }, profile })

  it('gets notes for images and files, in their places', () => {
    const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } }
    const link = { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } }
    const { body, losses } = send([
      { role: 'user', content: [{ type: 'image', source }] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 't', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: [link, pdf] }] },
    ])
    expect(body.messages.map(({ content }: Loose) => content)).toEqual([
      '[image: image/png, not readable here]',
      null,
      '[image: https://a.example/b.png]\n[document: application/pdf, not readable here]',
    ])
    expect(losses.map(({ code, level }: Loose) => `${code} ${level}`)).toEqual([
      'media_type_unsupported degraded',
      'media_linked degraded',
      'media_type_unsupported degraded',
    ])
  })
})

describe('a web search', () => {
  const place = { type: 'approximate', city: 'Bonn' }

  it('of Chat becomes the tool of Responses, its place and size with it', () => {
    const options = {
      user_location: { type: 'approximate', approximate: { city: 'Bonn' } },
      search_context_size: 'low',
    }
    const { body, losses } = convert('openai-chat', 'openai-responses', { ...CHAT, web_search_options: options })
    expect(body.tools).toEqual([{ type: 'web_search', user_location: place, search_context_size: 'low' }])
    expect(losses).toEqual([])
  })

  it('that is declared twice is declared once, and what the second asked for is reported', () => {
    const tools = [{ type: 'web_search' }, { type: 'web_search_preview', user_location: place }]
    const { body, losses } = convert('openai-responses', 'anthropic-messages', {
      ...RESPONSES,
      model: 'claude-opus-4-8',
      tools,
    })
    expect(body.tools).toHaveLength(1)
    expect(losses).toContain('server_tool_dropped /tools/1')
  })

  it('that is declared twice alike loses nothing', () => {
    const { losses } = convert('openai-responses', 'anthropic-messages', {
      ...RESPONSES,
      model: 'claude-opus-4-8',
      tools: [{ type: 'web_search' }, { type: 'web_search' }],
    })
    expect(losses).not.toContain('server_tool_dropped /tools/1')
  })
})
