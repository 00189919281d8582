import { describe, expect, it } from 'vitest'

import { ConversionError } from '../conversion-error.ts'
import type { ChatRequest } from '../model/chat-request.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { LossReport } from '../model/loss.ts'
import { DEFAULT_OPTIONS } from '../options.ts'
import { CLAUDE_PROFILE } from '../testing/messages-judge.ts'
import { CONTENT_BLOCKS, MEMBERS, MINIMAL_REQUEST, TOOLS } from '../testing/messages-samples.ts'
import { toJsonText } from '../wire/raw-json.ts'
import { wrapSeal } from '../wire/seal-envelope.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'

function decode(body: JsonObject): ChatRequest {
  return decodeRequest(body, { report: () => undefined })
}

function encode(request: ChatRequest, losses: LossReport[] = []): JsonObject {
  return encodeRequest(request, {
    profile: CLAUDE_PROFILE,
    options: DEFAULT_OPTIONS,
    report: (loss) => losses.push(loss),
  }).body
}

/** A body as its JSON text would be read again: members that are `undefined` are not written. */
function written(body: JsonObject): JsonValue {
  return JSON.parse(JSON.stringify(body))
}

function withContent(...content: JsonObject[]): JsonObject {
  return { ...MINIMAL_REQUEST, messages: [{ role: 'user', content }] }
}

describe('a Messages request', () => {
  it.for(Object.entries(CONTENT_BLOCKS))('comes back as it was: %s', ([, block]) => {
    const body = withContent(block)
    const losses: LossReport[] = []
    expect(written(encode(decode(body), losses))).toEqual(body)
    expect(losses).toEqual([])
  })

  it.for(Object.entries(MEMBERS))('comes back as it was: %s', ([, members]) => {
    const body = { ...MINIMAL_REQUEST, ...members }
    const losses: LossReport[] = []
    expect(written(encode(decode(body), losses))).toEqual(body)
    expect(losses).toEqual([])
  })

  it.for(Object.entries(TOOLS))('declares its tools as before: %s', ([, tool]) => {
    const body = { ...MINIMAL_REQUEST, tools: [tool] }
    expect(written(encode(decode(body)))).toEqual(body)
  })

  it('keeps system messages inside the conversation, with what only Anthropic knows of them', () => {
    const messages = [
      MINIMAL_REQUEST.messages[0] ?? {},
      {
        role: 'system',
        content: [
          { type: 'text', text: 'late' },
          { type: 'tool_addition', tool: { type: 'tool_reference', tool_name: 'n' } },
        ],
        output_config: { effort: 'high' },
        clear_at: 'never',
      },
    ]
    expect(written(encode(decode({ ...MINIMAL_REQUEST, messages })))).toEqual({ ...MINIMAL_REQUEST, messages })
    expect(decode({ ...MINIMAL_REQUEST, messages }).turns[1]).toMatchObject({
      role: 'operator',
      path: '/messages/1',
      vendorFields: [{ name: 'output_config', value: { effort: 'high' } }, { name: 'clear_at' }],
    })
  })

  it('takes text where blocks may stand', () => {
    const turns = decode({ ...MINIMAL_REQUEST, system: 'S', messages: [{ role: 'user', content: 'U' }] }).turns
    expect(turns).toEqual([
      { role: 'operator', path: '/system', parts: [{ type: 'text', text: 'S', path: '/system' }] },
      { role: 'user', path: '/messages/0', parts: [{ type: 'text', text: 'U', path: '/messages/0/content' }] },
    ])
  })

  it('keeps the digits of big numbers in the input of a call', () => {
    const argumentsText = '{"n":12345678901234567890,"m":1.10}'
    const request = decode(MINIMAL_REQUEST)
    const turns = [
      ...request.turns,
      {
        role: 'assistant' as const,
        path: '',
        parts: [
          { type: 'tool-call' as const, id: 't', name: 'n', arguments: argumentsText, form: 'json' as const, path: '' },
        ],
      },
    ]
    const body = encode({ ...request, turns })
    expect(toJsonText(body)).toContain(`"input":${argumentsText}`)
  })

  it.for([
    ['', {}],
    ['  ', {}],
    ['null', {}],
    ['{"a":1}', { a: 1 }],
    ['[1]', { value: [1] }],
    ['"text"', { value: 'text' }],
    ['"{\\"a\\":1}"', { a: 1 }],
    ['{"a":', { raw_arguments: '{"a":' }],
  ] as const)('makes an object of the arguments %s', ([text, input]) => {
    const request = decode(MINIMAL_REQUEST)
    const part = { type: 'tool-call', id: 't', name: 'n', arguments: text, form: 'json', path: '/x' } as const
    const body = encode({ ...request, turns: [{ role: 'assistant', path: '', parts: [part] }] })
    expect(body['messages']).toEqual([
      { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'n', input }] },
    ])
  })

  it('puts the free text of a call under "input", as the function that stands for its tool has it', () => {
    const request = decode(MINIMAL_REQUEST)
    const part = { type: 'tool-call', id: 't', name: 'n', arguments: '*** "x"', form: 'free', path: '/x' } as const
    const body = encode({ ...request, turns: [{ role: 'assistant', path: '', parts: [part] }] })
    expect(body['messages']).toMatchObject([{ content: [{ input: { input: '*** "x"' } }] }])
  })

  it('stringifies a tool result that is neither text nor blocks', () => {
    expect(
      decode(withContent({ type: 'tool_result', tool_use_id: 't', content: { ok: true } })).turns[0]?.parts[0],
    ).toMatchObject({ parts: [{ type: 'text', text: '{"ok":true}' }] })
  })

  it('reads foreign reasoning out of its envelope and never sends a proof that is not the vendor’s own', () => {
    const foreign = { kind: 'openai-reasoning', format: 'openai-responses', value: 'C', itemId: 'rs_1' } as const
    const request = decode(
      withContent(
        { type: 'thinking', thinking: 'a', signature: wrapSeal(foreign) },
        { type: 'thinking', thinking: 'b', signature: '' },
      ),
    )
    expect(request.turns[0]?.parts).toMatchObject([
      { type: 'reasoning', seal: foreign },
      { type: 'reasoning', text: 'b' },
    ])
    expect(request.turns[0]?.parts[1]).not.toHaveProperty('seal')
    const losses: LossReport[] = []
    expect(encode(request, losses)['messages']).toEqual([{ role: 'user', content: [] }])
    expect(losses.map((loss) => [loss.code, loss.level])).toEqual([
      ['reasoning_dropped', 'degraded'],
      ['reasoning_dropped', 'info'],
    ])
  })

  it('spells the schemas of Anthropic’s client tools out for other formats', () => {
    const tools = decode({
      ...MINIMAL_REQUEST,
      tools: [TOOLS['bash'] ?? {}, TOOLS['text editor'] ?? {}, TOOLS['memory'] ?? {}],
    }).tools
    expect(tools).toMatchObject([
      { type: 'function', name: 'bash', parameters: { properties: { command: {}, restart: {} } } },
      { type: 'function', name: 'str_replace_based_edit_tool', parameters: { required: ['command', 'path'] } },
      { type: 'function', name: 'memory', parameters: { required: ['command'] } },
    ])
  })

  it('describes server tools in words for other formats', () => {
    const parts = decode(
      withContent(CONTENT_BLOCKS['server tool call'] ?? {}, CONTENT_BLOCKS['server tool result'] ?? {}),
    ).turns[0]?.parts
    expect(parts).toMatchObject([
      { text: '' }, // its result says what was asked
      { text: '[web_search "q": 1 results: T — https://example.com]' },
    ])
  })

  it('needs no max_tokens when only tokens are counted', () => {
    const { max_tokens: _, ...counted } = MINIMAL_REQUEST
    expect(() => decode(counted)).toThrow('/max_tokens: field required')
    expect(decodeRequest(counted, { report: () => undefined, isCount: true }).parameters).toEqual({})
  })

  it.for([
    ['/model', { model: undefined }],
    ['/model', { model: 7 }],
    ['/messages', { messages: 'hi' }],
    ['/messages/0', { messages: ['hi'] }],
    ['/messages/0/role', { messages: [{ role: 'robot', content: 'x' }] }],
    ['/messages/0/content', { messages: [{ role: 'user' }] }],
    ['/messages/0/content/0/type', { messages: [{ role: 'user', content: [{ text: 'x' }] }] }],
    ['/messages/0/content/0/text', { messages: [{ role: 'user', content: [{ type: 'text' }] }] }],
    [
      '/messages/0/content/0/source/type',
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'ftp' } }] }] },
    ],
    ['/messages/0/content/0/tool_use_id', { messages: [{ role: 'user', content: [{ type: 'tool_result' }] }] }],
    ['/max_tokens', { max_tokens: -1 }],
    ['/max_tokens', { max_tokens: 1.5 }],
    ['/stream', { stream: 'yes' }],
    ['/temperature', { temperature: 'hot' }],
    ['/stop_sequences/1', { stop_sequences: ['a', 1] }],
    ['/thinking/type', { thinking: { type: 'deep' } }],
    ['/thinking/budget_tokens', { thinking: { type: 'enabled' } }],
    ['/output_config/effort', { output_config: { effort: 'extreme' } }],
    ['/output_config/format/schema', { output_config: { format: { type: 'json_schema' } } }],
    ['/tools/0/name', { tools: [{}] }],
    ['/tool_choice/type', { tool_choice: { type: 'required' } }],
    ['/tool_choice/name', { tool_choice: { type: 'tool' } }],
    ['/system/0/type', { system: [{}] }],
    ['/cache_control/type', { cache_control: { type: 'eternal' } }],
  ] as const)('is refused by the name of the field: %s', ([param, members]) => {
    const error = thrownBy(() => decode({ ...MINIMAL_REQUEST, ...(members as unknown as JsonObject) }))
    expect(error).toMatchObject({ kind: 'invalid_request', param })
    expect(error.message.startsWith(param)).toBe(true)
  })

  it('bounds the nesting of content', () => {
    let block: JsonObject = { type: 'text', text: 'x' }
    for (let depth = 0; depth < 50; depth += 1) block = { type: 'tool_result', tool_use_id: 't', content: [block] }
    expect(() => decode(withContent(block))).toThrow('nested deeper')
  })

  it('keeps keys that are special to JavaScript as plain data', () => {
    const body = JSON.parse(
      '{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"text","text":"x","__proto__":{"a":1}}],"constructor":1}],"__proto__":{"polluted":true}}',
    ) as JsonObject
    const text = JSON.stringify(encode(decode(body)))
    expect(text).toContain('"__proto__":{"polluted":true}')
    expect(text).toContain('"__proto__":{"a":1}')
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  it('reports every parameter of other formats that it cannot carry, and no neutral value', () => {
    const losses: LossReport[] = []
    const parameters = {
      seed: at(1),
      choices: at(1),
      frequencyPenalty: at(0),
      presencePenalty: at(1),
      logprobs: at(2),
      verbosity: at('medium' as const),
      store: at(false),
      streamUsage: at(true),
      cacheKey: at('k'),
      serviceTier: at('flex'),
    }
    encode(
      {
        ...decode(MINIMAL_REQUEST),
        format: 'openai-chat',
        parameters,
        vendorFields: [{ name: 'moderation', value: {}, path: '/moderation', level: 'lossy', isKnown: true }],
      },
      losses,
    )
    expect(losses.map((loss) => [loss.code, loss.level])).toEqual([
      ['param_unsupported', 'lossy'],
      ['param_unsupported', 'lossy'],
      ['param_unsupported', 'lossy'],
      ['logprobs_dropped', 'lossy'],
      ['param_unsupported', 'info'],
      ['param_unsupported', 'info'],
      ['param_unsupported', 'lossy'],
    ])
  })

  it('names the API version and betas of the profile in its headers', () => {
    const profile = { ...CLAUDE_PROFILE, dialect: { ...CLAUDE_PROFILE.dialect, betas: ['a', 'b'] } }
    const { headers } = encodeRequest(decode(MINIMAL_REQUEST), {
      profile,
      options: DEFAULT_OPTIONS,
      report: () => undefined,
    })
    expect(headers).toEqual({ 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a,b' })
  })
})

function thrownBy(action: () => unknown): ConversionError {
  try {
    action()
  } catch (error) {
    if (error instanceof ConversionError) return error
  }
  throw new Error('no conversion error was thrown')
}

function at<Value>(value: Value): { readonly value: Value; readonly path: string } {
  return { value, path: '/p' }
}
