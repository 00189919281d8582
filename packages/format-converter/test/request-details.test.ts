import { describe, expect, it } from 'vitest'

import { ConversionError, convertRequest, type FormatName, type JsonObject } from '../src/index.ts'

const FUNCTION = { type: 'function', name: 'f', parameters: { type: 'object', properties: {} } }

interface Row {
  readonly from: FormatName
  readonly to: FormatName
  readonly body: JsonObject
}

function convert({ from, to, body }: Row): ReturnType<typeof convertRequest> {
  return convertRequest({ from, to, body: { model: 'gpt-4o', ...body } })
}

function refusalOf(row: Row): unknown {
  try {
    convert(row)
  } catch (error) {
    return ConversionError.is(error) ? { kind: error.kind, param: error.param } : error
  }
  return undefined
}

describe('2.4 sound', () => {
  it('is refused by Responses as by Messages: an answer without it would not be true', () => {
    const content = [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }]
    const body = { messages: [{ role: 'user', content }] }
    for (const to of ['openai-responses', 'anthropic-messages'] as const) {
      expect(refusalOf({ from: 'openai-chat', to, body })).toEqual({
        kind: 'unsupported_feature',
        param: '/messages/0/content/0',
      })
    }
  })
})

describe('2.3 a tool choice', () => {
  const from = 'openai-responses'

  it.each(['openai-chat', 'anthropic-messages'] as const)(
    'that forces a tool of the vendor which is not declared is refused: %s',
    (to) => {
      const body = { input: 'x', tools: [FUNCTION], tool_choice: { type: 'file_search' } }
      expect(refusalOf({ from, to, body })).toEqual({ kind: 'unsupported_feature', param: '/tool_choice' })
    },
  )

  it('that forces one which is declared, but not there, goes with it', () => {
    const tools = [FUNCTION, { type: 'file_search', vector_store_ids: [] }]
    const { body, losses } = convert({
      from,
      to: 'openai-chat',
      body: { input: 'x', tools, tool_choice: { type: 'file_search' } },
    })
    expect(body).not.toHaveProperty('tool_choice')
    expect(losses).toContainEqual(expect.objectContaining({ code: 'server_tool_dropped', path: '/tool_choice' }))
  })

  it('that allows one which is not there allows the others', () => {
    const tools = [FUNCTION, { type: 'file_search', vector_store_ids: [] }]
    const allow = (...allowed: JsonObject[]): ReturnType<typeof convert> => {
      const tool_choice = { type: 'allowed_tools', mode: 'required', tools: allowed }
      return convert({ from, to: 'openai-chat', body: { input: 'x', tools, tool_choice } })
    }
    const both = allow({ type: 'file_search' }, { type: 'function', name: 'f' })
    expect(both.body).toMatchObject({
      tool_choice: { allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] } },
    })
    expect(both.losses).toContainEqual(expect.objectContaining({ code: 'server_tool_dropped', path: '/tool_choice' }))
    expect(allow({ type: 'file_search' }).body).toMatchObject({ tool_choice: 'none' })
  })

  it.each([
    [from, { type: 'x_tool', name: 'f' }, { type: 'function', name: 'f' }],
    ['openai-chat', { type: 'x_tool', function: { name: 'f' } }, { type: 'function', function: { name: 'f' } }],
  ] as const)('that names a tool of an unknown kind by its name goes with it: %s', (client, tool, tool_choice) => {
    const body = { messages: [{ role: 'user', content: 'x' }], input: 'x', tools: [tool], tool_choice }
    const { losses, body: sent } = convert({ from: client, to: 'anthropic-messages', body })
    expect(sent).not.toHaveProperty('tool_choice')
    expect(losses).toContainEqual(expect.objectContaining({ code: 'server_tool_dropped', path: '/tool_choice' }))
  })

  it.each([
    [from, 'openai-chat', { type: '', name: 'f' }],
    ['openai-chat', from, { type: '', function: { name: 'f' } }],
    ['anthropic-messages', from, { type: '', name: 'f' }],
  ] as const)('may name a tool whose type is empty, as if it had none: %s', (client, to, tool) => {
    const body = { messages: [{ role: 'user', content: 'x' }], max_tokens: 9, input: 'x', tools: [tool] }
    expect(JSON.stringify(convert({ from: client, to, body }).body)).toContain('"name":"f"')
  })

  it('names the member of a namespace by its name alone, where no other tool has it', () => {
    const tools = [{ type: 'namespace', name: 'ns', tools: [FUNCTION] }]
    const choice = { type: 'function', name: 'f' }
    const only = convert({ from, to: 'openai-chat', body: { input: 'x', tools, tool_choice: choice } })
    expect(only.body).toMatchObject({ tool_choice: { type: 'function', function: { name: 'ns__f' } } })
    const both = convert({
      from,
      to: 'openai-chat',
      body: { input: 'x', tools: [...tools, FUNCTION], tool_choice: choice },
    })
    expect(both.body).toMatchObject({ tool_choice: { type: 'function', function: { name: 'f' } } })
  })
})

describe('2.6 a call in the history', () => {
  it.each(['openai-chat', 'anthropic-messages'] as const)(
    'names the member of a namespace by its name alone, as Codex does, where no other tool has it: %s',
    (to) => {
      const custom = { type: 'custom', name: 'exec' }
      const tools = [{ type: 'namespace', name: 'functions', tools: [custom] }]
      const input = [
        { role: 'user', content: 'x' },
        { type: 'custom_tool_call', call_id: 'call_a', name: 'exec', input: 'run()' },
        { type: 'custom_tool_call_output', call_id: 'call_a', output: 'ran' },
      ]
      const namesIn = (given: readonly JsonObject[]): readonly string[] => {
        const { body } = convert({ from: 'openai-responses', to, body: { input, tools: given } })
        return JSON.stringify(body).match(/\bfunctions__exec\b|\bexec\b/g) ?? []
      }
      expect(namesIn(tools)).toEqual(['functions__exec', 'functions__exec'])
      expect(namesIn([...tools, custom]).toSorted()).toEqual(['exec', 'exec', 'functions__exec'])
    },
  )
})

const row = (body: JsonObject): Row => ({
  from: 'anthropic-messages',
  to: 'openai-responses',
  body: { max_tokens: 100, ...body },
})

/** An earlier answer that cited something. */
function asked(citations: readonly JsonObject[]): ReturnType<typeof convert> {
  const messages = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: [{ type: 'text', text: 't🍐', citations }] },
    { role: 'user', content: 'b' },
  ]
  return convert(row({ messages }))
}

describe('2.2 towards Responses', () => {
  it('the system of Claude clients speaks as developer, whatever the model', () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'system', content: 'late' },
    ]
    const { body } = convert(row({ messages }))
    expect(body).toMatchObject({ input: [{ role: 'user' }, { role: 'developer' }] })
  })

  it('citations of the web in earlier answers keep their address, others are lost', () => {
    const web = { type: 'web_search_result_location', url: 'https://example.com', title: 'T', cited_text: 'c' }
    const place = { type: 'char_location', document_index: 0, cited_text: 'c', document_title: null }
    const annotation = { type: 'url_citation', url: 'https://example.com', title: 'T', start_index: 0, end_index: 2 }
    const path = '/messages/1/content/0/citations'
    expect(asked([web]).body).toMatchObject({ input: [{}, { content: [{ annotations: [annotation] }] }, {}] })
    expect(asked([web]).losses).toEqual([expect.objectContaining({ code: 'citation_dropped', level: 'info', path })])
    expect(asked([web, place]).body).toMatchObject({ input: [{}, { content: [{ annotations: [annotation] }] }, {}] })
    expect(asked([web, place]).losses).toEqual([
      expect.objectContaining({ code: 'citation_dropped', level: 'lossy', path, detail: { count: 1 } }),
    ])
  })
})
