import { describe, expect, it, test } from 'vitest'

import type { ProfileOverrides } from '../adapt/profile.ts'
import type { ChatRequest, Parameters, Turn } from '../model/chat-request.ts'
import type { ContentPart } from '../model/content-part.ts'
import type { JsonObject } from '../model/json.ts'
import type { LossReport } from '../model/loss.ts'
import { DEFAULT_OPTIONS } from '../options.ts'
import { chatProfile } from '../testing/chat-judge.ts'
import type { Loose } from '../testing/loose.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest, prepareIdentity } from './encode-request.ts'

interface Encoding {
  readonly base?: ProfileOverrides
  readonly model?: string
  readonly losses?: LossReport[]
}

function encode(rest: Partial<ChatRequest>, { base, model, losses = [] }: Encoding = {}): Loose {
  const request: ChatRequest = {
    format: 'anthropic-messages',
    model: 'm',
    stream: false,
    turns: [],
    tools: [],
    parameters: {},
    vendorFields: [],
    ...rest,
  }
  const context = {
    profile: chatProfile(base, model),
    options: DEFAULT_OPTIONS,
    report: (loss: LossReport) => void losses.push(loss),
  }
  return JSON.parse(JSON.stringify(encodeRequest(request, context).body))
}

const text = (words: string): ContentPart => ({ type: 'text', text: words, path: '/p' })
const turn = (role: Turn['role'], ...parts: ContentPart[]): Turn => ({ role, parts, path: '/t' })
const messageOf = (one: Turn, encoding?: Encoding): Loose => encode({ turns: [one] }, encoding).messages[0]
const call: ContentPart = { type: 'tool-call', id: 'a', name: 'f', arguments: '', form: 'json', path: '/p' }
const TOOL = { type: 'function', name: 'f', path: '/tools/0' } as const

function parametersOf(parameters: Record<string, unknown>): Parameters {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { value, path: `/${name}` }]))
}

const result = (callId: string, ...parts: ContentPart[]): ContentPart => ({
  type: 'tool-result',
  callId,
  parts,
  form: 'json',
  path: '/p',
})

const field = (name: string, isKnown: boolean): ChatRequest['vendorFields'][number] => ({
  name,
  value: 1,
  path: `/${name}`,
  level: 'lossy',
  isKnown,
})

describe('messages', () => {
  it('use the role that the model knows for the operator', () => {
    expect(messageOf(turn('operator', text('S')))).toEqual({ role: 'system', content: 'S' })
    expect(messageOf(turn('operator', text('S')), { model: 'gpt-5.2' }).role).toBe('developer')
    expect(
      messageOf(turn('operator', text('S')), { model: 'gpt-5.2', base: { dialect: { systemRole: 'system' } } }).role,
    ).toBe('system')
  })

  it('hold plain text as a string, and anything else as parts', () => {
    const image: ContentPart = {
      type: 'image',
      source: { type: 'base64', data: 'iVBO', mediaType: 'image/png' },
      path: '/p',
    }
    expect(messageOf(turn('user', text('a'), text('b'))).content).toBe('a\n\nb')
    expect(messageOf(turn('user', text('a'), image)).content).toEqual([
      { type: 'text', text: 'a' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } },
    ])
  })

  it('put results before what the user says, each in a message of its own', () => {
    const body = encode({ turns: [turn('user', result('a', text('x'), text('y')), result('b'), text('go on'))] })
    expect(body.messages).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'x\ny' },
      { role: 'tool', tool_call_id: 'b', content: '' },
      { role: 'user', content: 'go on' },
    ])
  })

  test.for([
    ['boom', 'Error: boom'],
    ['Error: boom', 'Error: boom'],
  ] as const)('say that a tool failed: %s', ([words, content]) => {
    const result: ContentPart = {
      type: 'tool-result',
      callId: 'a',
      parts: [text(words)],
      isError: true,
      form: 'json',
      path: '/p',
    }
    expect(messageOf(turn('user', result)).content).toBe(content)
  })

  it('give an empty result words where the upstream refuses it', () => {
    const result: ContentPart = { type: 'tool-result', callId: 'a', parts: [], form: 'json', path: '/p' }
    expect(messageOf(turn('user', result), { base: { dialect: { rejectsEmptyToolResult: true } } }).content).toBe(
      '(no output)',
    )
  })

  test.for([
    ['null', { role: 'assistant', content: null }],
    ['empty', { role: 'assistant', content: '' }],
    ['omit', { role: 'assistant' }],
  ] as const)('beside calls an empty text is %s', ([nullContent, expected]) => {
    const message = messageOf(turn('assistant', text(''), call), { base: { dialect: { nullContent } } })
    expect(message).toEqual({
      ...expected,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
    })
  })

  it('an assistant that says nothing at all has an empty text, never null', () => {
    expect(messageOf(turn('assistant'))).toEqual({ role: 'assistant', content: '' })
    expect(messageOf(turn('user'))).toEqual({ role: 'user', content: '' })
  })

  it('replay reasoning only in the form that the upstream wants', () => {
    const details = [{ type: 'reasoning.text', text: 'why', signature: 'S' }]
    const reasoning: ContentPart = {
      type: 'reasoning',
      text: 'why',
      kind: 'full',
      seal: { kind: 'chat-detail', format: 'openai-chat', value: JSON.stringify(details) },
      path: '/r',
    }
    const assistant = turn('assistant', reasoning, text('x'))
    const replay = (
      reasoningReplay: 'none' | 'reasoning_content' | 'reasoning_details',
      losses?: LossReport[],
    ): Loose => messageOf(assistant, { base: { dialect: { reasoningReplay } }, ...(losses && { losses }) })
    expect(replay('reasoning_content')).toEqual({ role: 'assistant', content: 'x', reasoning_content: 'why' })
    expect(replay('reasoning_details')).toEqual({ role: 'assistant', content: 'x', reasoning_details: details })
    const losses: LossReport[] = []
    expect(replay('none', losses)).toEqual({ role: 'assistant', content: 'x' })
    expect(losses.map((loss) => [loss.code, loss.path])).toEqual([['reasoning_dropped', '/r']])
  })

  it('write a file with its name, and cache marks where they are understood', () => {
    const document: ContentPart = {
      type: 'document',
      source: { type: 'base64', data: 'JVBE', mediaType: 'application/pdf' },
      path: '/p',
    }
    const marked: ContentPart = { type: 'text', text: 'x', path: '/p', cacheMark: { ttl: '12h', path: '/mark' } }
    const content = messageOf(turn('user', document, marked), { base: { dialect: { explicitCache: true } } }).content
    expect(content).toEqual([
      { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBE', filename: 'document.pdf' } },
      { type: 'text', text: 'x', prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } },
    ])
    const losses: LossReport[] = []
    messageOf(turn('user', document, marked), { losses })
    expect(losses.map((loss) => [loss.code, loss.path])).toEqual([['cache_mark_dropped', '/mark']])
  })
})

describe('tools', () => {
  it('are written with their choice, and not at all when there are none', () => {
    const parameters = parametersOf({ toolChoice: { type: 'tool', name: 'p' }, parallelToolCalls: false })
    const body = encode({
      tools: [TOOL, { type: 'custom', name: 'p', grammar: { syntax: 'regex', definition: '.' }, path: '/tools/1' }],
      parameters,
    })
    expect(body).toMatchObject({
      tools: [
        { type: 'function', function: { name: 'f' } },
        {
          type: 'custom',
          custom: { name: 'p', format: { type: 'grammar', grammar: { syntax: 'regex', definition: '.' } } },
        },
      ],
      tool_choice: { type: 'custom', custom: { name: 'p' } },
      parallel_tool_calls: false,
    })
    expect(encode({ parameters })).toEqual({ model: 'm', messages: [] })
  })

  it('allowed tools are nested', () => {
    const parameters = parametersOf({ toolChoice: { type: 'allowed', mode: 'auto', names: ['f'] } })
    expect(encode({ tools: [TOOL], parameters }).tool_choice).toEqual({
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
    })
  })
})

describe('parameters', () => {
  test.for<[Record<string, unknown>, JsonObject]>([
    [{ maxOutputTokens: 9 }, { max_tokens: 9 }],
    [{ stop: ['x'] }, { stop: ['x'] }],
    [{ reasoning: { mode: 'on', effort: 'high' } }, { reasoning_effort: 'high' }],
    [{ reasoning: { mode: 'off' } }, { reasoning_effort: 'none' }],
    [
      { outputFormat: { type: 'json-schema', schema: { type: 'object' } } },
      { response_format: { type: 'json_schema', json_schema: { name: 'output', schema: { type: 'object' } } } },
    ],
    [
      { outputFormat: { type: 'json-schema', name: 'a b', schema: {}, strict: true } },
      { response_format: { type: 'json_schema', json_schema: { name: 'a_b', schema: {}, strict: true } } },
    ],
    [{ logprobs: 2 }, { logprobs: true, top_logprobs: 2 }],
    [{ logprobs: 0 }, { logprobs: true }],
    [{ safetyIdentifier: 's', userId: 's' }, { user: 's' }],
    [{ fastMode: true }, { service_tier: 'priority' }],
    [{ streamUsage: true }, {}],
  ])('%j', ([parameters, expected]) => {
    const losses: LossReport[] = []
    expect(encode({ parameters: parametersOf(parameters) }, { losses })).toEqual({
      model: 'm',
      messages: [],
      ...expected,
    })
    expect(losses).toEqual([])
  })

  it('say that the user gives way to the safety identifier', () => {
    const losses: LossReport[] = []
    const parameters = parametersOf({ safetyIdentifier: 's', userId: 'u' })
    expect(encode({ parameters }, { losses })).toMatchObject({ user: 's' })
    expect(losses).toEqual([expect.objectContaining({ code: 'param_unsupported', level: 'info', path: '/userId' })])
  })

  it('follow the names of OpenAI for its reasoning models', () => {
    const parameters = parametersOf({ maxOutputTokens: 9, safetyIdentifier: 's' })
    expect(encode({ parameters }, { model: 'gpt-5.2' })).toMatchObject({
      max_completion_tokens: 9,
      safety_identifier: 's',
    })
  })

  test.for<[Record<string, unknown>, string]>([
    [{ maxToolCalls: 4 }, 'lossy'],
    [{ cacheKey: 'k' }, 'info'],
    [{ metadata: { a: 'b' } }, 'info'],
    [{ previousResponseId: 'r' }, 'lossy'],
    [{ automaticCache: { path: '/x' } }, 'info'],
    [{ serviceTier: 'ultrafast' }, 'lossy'],
    [{ background: true }, 'lossy'],
  ])('%j is reported, because this upstream has no place for it', ([parameters, level]) => {
    const losses: LossReport[] = []
    expect(encode({ parameters: parametersOf(parameters) }, { losses })).toEqual({ model: 'm', messages: [] })
    expect(losses).toHaveLength(1)
    expect(losses[0]).toMatchObject({ level, path: `/${Object.keys(parameters)[0]}` })
  })

  it.each([
    [{ passthrough: 'none' }, undefined],
    [{ passthrough: ['top_k'] }, 4],
    [{ passthrough: 'none', dialect: { topK: true } }, 4],
  ] as const)('top_k goes to an upstream that knows it or takes it: %j', (base, written) => {
    const losses: LossReport[] = []
    expect(encode({ parameters: parametersOf({ topK: 4 }) }, { base, losses })['top_k']).toBe(written)
    expect(losses.map(({ level, path }) => [level, path])).toEqual(written === undefined ? [['lossy', '/topK']] : [])
  })

  it('metadata goes with an answer that is stored', () => {
    const parameters = parametersOf({ metadata: { a: 'b' }, store: true })
    expect(encode({ format: 'openai-chat', parameters })).toMatchObject({ metadata: { a: 'b' }, store: true })
  })
})

describe('the rest', () => {
  it('asks for usage in every stream', () => {
    expect(encode({ stream: true })).toMatchObject({ stream: true, stream_options: { include_usage: true } })
    expect(encode({ stream: true }, { base: { dialect: { includeUsage: false } } })).not.toHaveProperty(
      'stream_options',
    )
  })

  it('lets foreign fields through only where the profile says so, and reports the others', () => {
    const losses: LossReport[] = []
    const body = encode(
      { vendorFields: [field('min_p', false), field('container', true), field('what', false)] },
      { base: { passthrough: ['min_p'] }, losses },
    )
    expect(body).toEqual({ model: 'm', messages: [], min_p: 1 })
    expect(losses.map(({ code, path, level }) => [code, path, level])).toEqual([
      ['unknown_field', '/min_p', 'info'],
      ['param_unsupported', '/container', 'lossy'],
      ['unknown_field', '/what', 'lossy'],
    ])
  })

  it('gives a Chat body back as it was read', () => {
    const body: JsonObject = {
      model: 'm',
      messages: [
        { role: 'system', content: 'S' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'image_url', image_url: { url: 'https://a.example/x', detail: 'low', zoom: 1 }, odd: true },
          ],
          name: 'Ann',
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'f', arguments: '{"b":1,"a":12345678901234567890}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'a', content: 'out' },
      ],
      tools: [
        {
          type: 'function',
          function: { name: 'f', description: 'd', parameters: { type: 'object', properties: {} }, strict: true },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'f' } },
      temperature: 0.5,
      stop: ['x'],
      seed: 7,
      metadata: { a: 'b' },
      store: true,
      provider: { order: ['x'] },
    }
    const losses: LossReport[] = []
    const request = decodeRequest(body, { report: (loss) => losses.push(loss) })
    expect(encode(request, { losses })).toEqual(body)
    expect(losses).toEqual([])
  })

  it('on the identity path only adds the wish for usage', () => {
    const plain = { model: 'm', messages: [] }
    expect(prepareIdentity(plain)).toBe(plain)
    const asked = { ...plain, stream: true, stream_options: { include_usage: true } }
    expect(prepareIdentity(asked)).toBe(asked)
    expect(prepareIdentity({ ...plain, stream: true, stream_options: { include_obfuscation: false } })).toEqual({
      ...plain,
      stream: true,
      stream_options: { include_obfuscation: false, include_usage: true },
    })
  })
})
