import { describe, expect, it } from 'vitest'

import {
  ConversionError,
  profiles,
  type ConversionOptions,
  type Exchange,
  type JsonObject,
  type ProfileOverrides,
} from '../src/index.ts'
import type { Loose } from '../src/testing/loose.ts'
import { open, plain } from './support/exchanges.ts'
import type { Format, Pair } from './support/pairs.ts'

interface Setup {
  readonly model?: string
  readonly profile?: ProfileOverrides
  readonly options?: Partial<ConversionOptions>
}

const MODELS: { readonly [Name in Format]: string } = {
  'anthropic-messages': 'claude-opus-5',
  'openai-chat': 'gpt-5.2',
  'openai-responses': 'gpt-5.2',
}

function pair(client: Format, upstream: Format): Pair {
  return { client, upstream }
}

function send(formats: Pair, request: JsonObject, setup: Setup = {}): Exchange {
  const { model = MODELS[formats.upstream], profile, options } = setup
  const converter = { options, profile: () => profiles.resolve(formats.upstream, model, profile) }
  return open({ ...formats, request: { tools: undefined, ...request }, model, converter })
}

function bodyOf(exchange: Exchange): Loose {
  return plain(exchange.request)
}

function marksOf({ losses }: Exchange): string[] {
  return losses.map(({ code, level, path }) => `${code}:${level} ${path}`)
}

/** A plain request of a Chat client, for Messages. */
function plainForMessages(options: Partial<ConversionOptions>): Loose {
  return bodyOf(send(pair('openai-chat', 'anthropic-messages'), {}, { options }))
}

/** The tier that a fast request of a Messages client asks a Chat upstream for. */
function fastTierWith(options: Partial<ConversionOptions>): string {
  return bodyOf(send(pair('anthropic-messages', 'openai-chat'), { speed: 'fast' }, { options })).service_tier
}

function call(id: string, name: string): JsonObject {
  return { type: 'tool_use', id, name, input: {} }
}

function result(id: string): JsonObject {
  return { type: 'tool_result', tool_use_id: id, content: 'ok' }
}

describe('codeExecution', () => {
  const execution = { type: 'code_execution_20250825', name: 'code_execution' }
  const interpreter = { type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-1'] } }
  const on = { options: { codeExecution: true } }

  it('is off: the sandbox of another vendor is dropped', () => {
    const exchange = send(pair('anthropic-messages', 'openai-responses'), { tools: [execution] })
    expect(bodyOf(exchange)).not.toHaveProperty('tools')
    expect(marksOf(exchange)).toContain('server_tool_dropped:lossy /tools/0')
  })

  it('replaces the sandbox by that of the other vendor, both ways, and a choice of it, too', () => {
    const request = { tools: [execution], tool_choice: { type: 'tool', name: 'code_execution' } }
    const sent = send(pair('anthropic-messages', 'openai-responses'), request, on)
    expect(bodyOf(sent)).toMatchObject({
      tools: [{ type: 'code_interpreter', container: { type: 'auto' } }],
      tool_choice: { type: 'code_interpreter' },
    })
    const back = send(pair('openai-responses', 'anthropic-messages'), { tools: [interpreter] }, on)
    expect(bodyOf(back).tools).toEqual([execution])
    expect(marksOf(back)).toContain('param_unsupported:lossy /tools/0/container')
  })

  it('has no counterpart in Chat', () => {
    const exchange = send(pair('anthropic-messages', 'openai-chat'), { tools: [execution] }, on)
    expect(bodyOf(exchange)).not.toHaveProperty('tools')
  })
})

describe('forwardMcp', () => {
  const server = { type: 'url', name: 'wiki', url: 'https://wiki.example/mcp', authorization_token: 'SECRET' }
  const toolset = { type: 'mcp_toolset', mcp_server_name: 'wiki' }
  const request = { mcp_servers: [server], tools: [toolset] }
  const on = { options: { forwardMcp: true } }
  const MCP = pair('anthropic-messages', 'openai-responses')

  it('is off: no token leaves for another vendor', () => {
    const exchange = send(pair('anthropic-messages', 'openai-responses'), request)
    expect(JSON.stringify(exchange.request)).not.toContain('SECRET')
    expect(marksOf(exchange)).toEqual(
      expect.arrayContaining(['server_tool_dropped:lossy /tools/0', 'param_unsupported:lossy /mcp_servers']),
    )
  })

  it('hands a server of Messages on to Responses, with its token', () => {
    const configs = { search: { enabled: true }, write: { enabled: false } }
    const tools = [{ ...toolset, default_config: { enabled: false }, configs }]
    const exchange = send(pair('anthropic-messages', 'openai-responses'), { ...request, tools }, on)
    expect(bodyOf(exchange).tools).toEqual([
      {
        type: 'mcp',
        server_label: 'wiki',
        server_url: 'https://wiki.example/mcp',
        authorization: 'SECRET',
        allowed_tools: ['search'],
        require_approval: 'never',
      },
    ])
    expect(marksOf(exchange).join()).not.toContain('mcp_servers')
  })

  it('keeps to the tools that the server itself is limited to', () => {
    const limited = { ...server, tool_configuration: { allowed_tools: ['search', 'read'], mode: 'odd' }, region: 'eu' }
    const only = {
      default_config: { enabled: false },
      configs: { search: { enabled: true }, write: { enabled: true } },
    }
    const allowedWith = (more: JsonObject): unknown =>
      bodyOf(send(MCP, { mcp_servers: [limited], tools: [{ ...toolset, ...more }] }, on)).tools[0].allowed_tools
    expect([allowedWith({}), allowedWith(only)]).toEqual([['search', 'read'], ['search']])
    const marks = marksOf(send(MCP, { mcp_servers: [limited], tools: [toolset] }, on))
    expect(marks).toContain('param_unsupported:lossy /mcp_servers/0/tool_configuration/mode')
    expect(marks).toContain('param_unsupported:lossy /mcp_servers/0/region')
  })

  it('does not hand on a server that is switched off, or that no toolset names, and tells of it', () => {
    const off = { ...server, tool_configuration: { enabled: false } }
    const unnamed = { ...server, name: 'other' }
    const exchange = send(MCP, { mcp_servers: [off, unnamed, 'odd'], tools: [toolset] }, on)
    expect(JSON.stringify(exchange.request)).not.toContain('SECRET')
    const marks = marksOf(exchange)
    expect(marks).toContain('server_tool_dropped:lossy /tools/0')
    expect(marks).toContain('param_unsupported:lossy /mcp_servers/0')
    expect(exchange.losses.find(({ path }) => path === '/mcp_servers/0')?.detail?.count).toBe(3)
    expect(marksOf(send(MCP, { mcp_servers: 'odd', tools: [toolset] }, on))).toContain(
      'param_unsupported:lossy /mcp_servers',
    )
  })

  it('reports tools that are switched off one by one, which Responses cannot', () => {
    const tools = [{ ...toolset, configs: { write: { enabled: false } } }]
    const exchange = send(pair('anthropic-messages', 'openai-responses'), { ...request, tools }, on)
    expect(marksOf(exchange)).toContain('param_unsupported:lossy /tools/0/configs')
  })

  const mcp = {
    type: 'mcp',
    server_label: 'wiki',
    server_url: 'https://wiki.example/mcp',
    require_approval: 'never',
  }

  it('brings a server of Responses to Messages, under the beta of the profile', () => {
    const tools = [{ ...mcp, allowed_tools: ['search'] }]
    const exchange = send(pair('openai-responses', 'anthropic-messages'), { tools })
    expect(bodyOf(exchange)).toMatchObject({
      mcp_servers: [{ type: 'url', name: 'wiki', url: 'https://wiki.example/mcp' }],
      tools: [
        {
          type: 'mcp_toolset',
          mcp_server_name: 'wiki',
          default_config: { enabled: false },
          configs: { search: { enabled: true } },
        },
      ],
    })
    expect(exchange.headers['anthropic-beta']).toBe('mcp-client-2025-11-20')
  })

  it('brings a token only by option', () => {
    const tools = [{ ...mcp, authorization: 'SECRET' }]
    const formats = pair('openai-responses', 'anthropic-messages')
    expect(JSON.stringify(send(formats, { tools }).request)).not.toContain('SECRET')
    expect(bodyOf(send(formats, { tools }, on)).mcp_servers[0].authorization_token).toBe('SECRET')
  })

  it.each([undefined, 'always', { never: { tool_names: ['a'] } }])('refuses calls to be approved: %j', (approval) => {
    const tools = [{ ...mcp, require_approval: approval }]
    const refused = (): Exchange => send(pair('openai-responses', 'anthropic-messages'), { tools })
    expect(refused).toThrow(ConversionError)
    expect(refused).toThrow(/\/tools\/0\/require_approval/)
  })

  it('is left to the policy where the upstream takes no servers', () => {
    const setup = { profile: { id: 'generic-anthropic' } }
    const exchange = send(pair('openai-responses', 'anthropic-messages'), { tools: [mcp] }, setup)
    expect(marksOf(exchange)).toContain('server_tool_dropped:lossy /tools/0')
  })
})

describe('imageResultsToUser', () => {
  const input = [
    { type: 'message', role: 'user', content: 'Draw.' },
    { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: 'iVBORw0KGgo=' },
    { type: 'message', role: 'user', content: 'Now?' },
  ]

  it('is off: a picture of a vendor tool is lost', () => {
    const exchange = send(pair('openai-responses', 'anthropic-messages'), { input })
    expect(JSON.stringify(exchange.request)).not.toContain('iVBORw0KGgo=')
    expect(marksOf(exchange)).toContain('server_tool_dropped:lossy /input/1')
  })

  it('shows it in the next user message', () => {
    const on = { options: { imageResultsToUser: true } }
    const { messages } = bodyOf(send(pair('openai-responses', 'anthropic-messages'), { input }, on))
    expect(messages).toMatchObject([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Draw.' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
          { type: 'text', text: 'Now?' },
        ],
      },
    ])
  })
})

describe('toolExamplesInDescription', () => {
  const tools = [
    { name: 'w', description: 'Looks.', input_schema: { type: 'object', properties: {} }, input_examples: [{ a: 1 }] },
  ]
  const description = (options: Partial<ConversionOptions>): string =>
    bodyOf(send(pair('anthropic-messages', 'openai-chat'), { tools }, { options })).tools[0].function.description

  it('is on: examples become text, unless it is switched off', () => {
    expect(description({})).toBe('Looks.\n\nExamples:\n{"a":1}')
    expect(description({ toolExamplesInDescription: false })).toBe('Looks.')
  })
})

describe('autoCache', () => {
  it('is off: Messages is not asked to cache, unless it is switched on', () => {
    expect(plainForMessages({})).not.toHaveProperty('cache_control')
    expect(plainForMessages({ autoCache: true }).cache_control).toEqual({ type: 'ephemeral' })
  })
})

describe('fastTier', () => {
  it('names the tier for fast answers', () => {
    expect(fastTierWith({})).toBe('priority')
    expect(fastTierWith({ fastTier: 'fast' })).toBe('fast')
  })
})

describe('callIdTemplate', () => {
  const request = {
    tools: ['look', 'find'].map((name) => ({ name, input_schema: { type: 'object', properties: {} } })),
    messages: [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: [call('toolu_a', 'look'), call('toolu_b', 'find')] },
      { role: 'user', content: [result('toolu_b'), result('toolu_a')] },
      { role: 'assistant', content: [call('toolu_c', 'look')] },
      { role: 'user', content: [result('toolu_c')] },
    ],
  }
  const idsOf = (profile: ProfileOverrides): unknown[] =>
    bodyOf(send(pair('anthropic-messages', 'openai-chat'), request, { profile })).messages.flatMap((message: Loose) =>
      message.role === 'tool' ? [message.tool_call_id] : (message.tool_calls ?? []).map(({ id }: Loose) => id),
    )

  it('is empty: ids stay', () => {
    expect(idsOf({})).toEqual(['toolu_a', 'toolu_b', 'toolu_a', 'toolu_b', 'toolu_c', 'toolu_c'])
  })

  it('makes ids by name and number, the same for call and result', () => {
    expect(idsOf({ dialect: { callIdTemplate: 'functions.{name}:{n}' } })).toEqual([
      'functions.look:0',
      'functions.find:1',
      'functions.look:0',
      'functions.find:1',
      'functions.look:2',
      'functions.look:2',
    ])
  })
})

describe('tool search', () => {
  const search = {
    type: 'tool_search',
    execution: 'client',
    description: 'Finds tools.',
    parameters: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
  }
  const found = { type: 'function', name: 'weather', parameters: { type: 'object', properties: {} } }
  const input = [
    { type: 'message', role: 'user', content: 'x' },
    { type: 'tool_search_call', call_id: 'call_1', execution: 'client', arguments: { query: 'rain' } },
    { type: 'tool_search_output', call_id: 'call_1', execution: 'client', status: 'completed', tools: [found] },
  ]

  it("is a function where the search is the client's own, and nothing is lost", () => {
    const exchange = send(pair('openai-responses', 'anthropic-messages'), { tools: [search], input })
    const { tools, messages } = bodyOf(exchange)
    expect(tools).toMatchObject([
      { name: 'tool_search', description: 'Finds tools.', input_schema: search.parameters },
      { name: 'weather' },
    ])
    expect(messages.slice(1)).toMatchObject([
      { content: [{ type: 'tool_use', id: 'call_1', name: 'tool_search', input: { query: 'rain' } }] },
      { content: [{ type: 'tool_result', tool_use_id: 'call_1', content: '[tool available: weather]' }] },
    ])
    expect(exchange.losses.filter(({ level }) => level === 'lossy' || level === 'degraded')).toEqual([])
  })

  it('comes back as the call that the client runs', () => {
    const exchange = send(pair('openai-responses', 'anthropic-messages'), { tools: [search] })
    const body = exchange.response({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'tool_use', id: 'toolu_1', name: 'tool_search', input: { query: 'rain' } }],
      stop_reason: 'tool_use',
      usage: { input_tokens: 1, output_tokens: 1 },
    }).body
    expect(plain(body).output).toMatchObject([
      {
        type: 'tool_search_call',
        call_id: 'toolu_1',
        execution: 'client',
        status: 'completed',
        arguments: { query: 'rain' },
      },
    ])
  })

  it('gives a deferred tool to the model once the client has found it', () => {
    const deferred = ['weather', 'clock'].map((name) => ({ ...found, name, defer_loading: true }))
    const exchange = send(pair('openai-responses', 'openai-chat'), { tools: [search, ...deferred], input })
    expect(bodyOf(exchange).tools.map((tool: Loose) => tool.function.name)).toEqual(['tool_search', 'weather'])
  })

  it("loads all tools at once where the search is the vendor's", () => {
    const tools = [{ type: 'tool_search' }, { ...found, defer_loading: true }]
    const exchange = send(pair('openai-responses', 'anthropic-messages'), { tools })
    expect(bodyOf(exchange).tools).toMatchObject([{ name: 'weather' }])
    expect(exchange.losses.filter(({ level }) => level === 'lossy' || level === 'degraded')).toEqual([])
  })

  it('goes on where the target searches likewise', () => {
    const tools = [{ type: 'tool_search' }, { ...found, defer_loading: true }]
    const profile = { dialect: { toolSearchTool: 'tool_search_tool_bm25_20251119' } }
    const sent = send(pair('openai-responses', 'anthropic-messages'), { tools }, { profile })
    expect(bodyOf(sent).tools).toMatchObject([
      { name: 'weather', defer_loading: true },
      { type: 'tool_search_tool_bm25_20251119', name: 'tool_search_tool_bm25' },
    ])
    const back = send(
      pair('anthropic-messages', 'openai-responses'),
      {
        tools: [
          { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' },
          { name: 'weather', input_schema: found.parameters, defer_loading: true },
        ],
      },
      { profile: { dialect: { toolSearchTool: 'tool_search' } } },
    )
    expect(bodyOf(back).tools).toMatchObject([{ name: 'weather', defer_loading: true }, { type: 'tool_search' }])
  })
})

describe('prewarm', () => {
  const request = { max_tokens: 0 }

  it('is refused, but where the upstream can warm its cache', () => {
    const formats = pair('anthropic-messages', 'openai-responses')
    expect(() => send(formats, request)).toThrow(/\/max_tokens/)
    const body = bodyOf(send(formats, request, { profile: { dialect: { prewarm: true } } }))
    expect(body.prompt_cache_options).toEqual({ prewarm: true })
    expect(body).not.toHaveProperty('max_output_tokens')
  })
})

describe('compaction by the upstream', () => {
  const request = { context_management: [{ type: 'compaction', compact_threshold: 1000 }] }
  const formats = pair('openai-responses', 'anthropic-messages')

  it('is lost, but where the upstream takes it', () => {
    expect(marksOf(send(formats, request))).toContain('param_unsupported:lossy /context_management/0')
    const exchange = send(formats, request, { profile: { dialect: { compactionBeta: 'compact-2026-01-12' } } })
    expect(bodyOf(exchange).context_management).toEqual({
      edits: [{ type: 'compact_20260112', trigger: { type: 'input_tokens', value: 1000 } }],
    })
    expect(exchange.headers['anthropic-beta']).toBe('compact-2026-01-12')
    expect(marksOf(exchange).join()).not.toContain('context_management')
  })

  it('is told where it says what the upstream has no word for', () => {
    const odd = { context_management: [{ type: 'compaction', compact_threshold: 'soon', model: 'small' }] }
    const exchange = send(formats, odd, { profile: { dialect: { compactionBeta: 'compact-2026-01-12' } } })
    expect(bodyOf(exchange).context_management).toEqual({ edits: [{ type: 'compact_20260112' }] })
    expect(marksOf(exchange)).toEqual(
      expect.arrayContaining([
        'param_unsupported:lossy /context_management/0/compact_threshold',
        'param_unsupported:lossy /context_management/0/model',
      ]),
    )
  })

  it('reaches Responses without what only Messages can say of it, and that is told', () => {
    const compact = {
      type: 'compact_20260112',
      trigger: { type: 'input_tokens', value: 1000 },
      instructions: 'Keep names.',
      pause_after_compaction: true,
    }
    const edits = [compact, { type: 'compact_20260112', trigger: { type: 'tool_uses', value: 3 } }, 'clear']
    const exchange = send(pair('anthropic-messages', 'openai-responses'), {
      context_management: { edits, mode: 'eager' },
    })
    expect(bodyOf(exchange).context_management).toEqual([
      { type: 'compaction', compact_threshold: 1000 },
      { type: 'compaction' },
    ])
    expect(marksOf(exchange)).toEqual(
      expect.arrayContaining([
        'param_unsupported:lossy /context_management/mode',
        'param_unsupported:lossy /context_management/edits/0/instructions',
        'param_unsupported:lossy /context_management/edits/1/trigger',
        'param_unsupported:lossy /context_management/edits/2',
      ]),
    )
  })

  it.each(['soon', { edits: 'soon' }])('that is no list of edits is told: %j', (context_management) => {
    const exchange = send(pair('anthropic-messages', 'openai-responses'), { context_management })
    expect(bodyOf(exchange)).not.toHaveProperty('context_management')
    expect(marksOf(exchange).join()).toContain('param_unsupported:lossy /context_management')
  })
})
