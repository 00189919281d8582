import { expect, test } from 'vitest'

import { createConverter, profiles, type FormatName, type JsonObject, type Loss } from '../../src/index.ts'

interface Sent {
  readonly body: JsonObject
  /** Level and place of everything that was lost, but for what always is. */
  readonly lost: readonly string[]
}

/** What becomes of a request with these members on its way to an upstream that searches the web. */
function send(client: FormatName, upstream: FormatName, members: JsonObject): Sent {
  const losses: Loss[] = []
  const said = { role: 'user', content: 'x' }
  const body = client === 'openai-responses' ? { input: [said] } : { messages: [said], max_tokens: 100 }
  const model = upstream === 'anthropic-messages' ? 'claude-opus-5' : 'gpt-4.1'
  const converter = createConverter({
    client,
    upstream,
    profile: profiles.resolve(upstream, model, { dialect: { webSearchOptions: true } }),
    onLoss: (loss) => losses.push(loss),
  })
  const { request } = converter.exchange({ model, ...body, ...members })
  const mattering = losses.filter(({ path }) => /tool|web_search/.test(path))
  return { body: request, lost: mattering.map(({ level, path }) => `${level} ${path}`) }
}

const PLACE = { city: 'Oslo', country: 'NO', timezone: 'Europe/Oslo' }

const CLAUDE_SEARCH: JsonObject = {
  type: 'web_search_20250305',
  name: 'web_search',
  max_uses: 8,
  allowed_domains: ['example.org'],
  user_location: { type: 'approximate', ...PLACE },
}

test('EC-173 the web search of Messages becomes that of Responses, with its domains and its place', () => {
  const { body, lost } = send('anthropic-messages', 'openai-responses', { tools: [CLAUDE_SEARCH] })
  expect(body['tools']).toEqual([
    {
      type: 'web_search',
      filters: { allowed_domains: ['example.org'] },
      user_location: { type: 'approximate', ...PLACE },
    },
  ])
  expect(body['include']).toEqual(['web_search_call.action.sources'])
  expect(lost).toEqual(['lossy /tools/0/max_uses'])
})

test('EC-173 a choice that forces the search still does', () => {
  const choice = { tool_choice: { type: 'tool', name: 'web_search' } }
  const { body } = send('anthropic-messages', 'openai-responses', { tools: [CLAUDE_SEARCH], ...choice })
  expect(body['tool_choice']).toEqual({ type: 'web_search' })
  const chat = send('anthropic-messages', 'openai-chat', { tools: [CLAUDE_SEARCH], ...choice })
  expect(chat.body['tool_choice']).toBeUndefined()
  expect(chat.lost).toContain('degraded /tool_choice')
})

test('EC-173 blocked domains and limits of use are lost and said, bookkeeping weighs nothing', () => {
  const search = {
    type: 'web_search_20250305',
    name: 'web_search',
    blocked_domains: ['example.com'],
    allowed_domains: null,
    allowed_callers: ['direct'],
    cache_control: { type: 'ephemeral' },
  }
  const { lost } = send('anthropic-messages', 'openai-responses', { tools: [search] })
  expect(lost.toSorted()).toEqual([
    'info /tools/0/allowed_callers',
    'info /tools/0/cache_control',
    'lossy /tools/0/blocked_domains',
  ])
})

test('EC-173 the web search of Responses becomes that of Messages', () => {
  const search = {
    type: 'web_search',
    filters: { allowed_domains: ['example.org'], blocked_domains: ['example.com'] },
    user_location: { type: 'approximate', ...PLACE },
    search_context_size: 'low',
    external_web_access: true,
  }
  const { body, lost } = send('openai-responses', 'anthropic-messages', { tools: [search] })
  expect(body['tools']).toEqual([
    {
      type: 'web_search_20250305',
      name: 'web_search',
      allowed_domains: ['example.org'],
      user_location: { type: 'approximate', ...PLACE },
    },
  ])
  expect(lost.toSorted()).toEqual(['lossy /tools/0/filters/blocked_domains', 'lossy /tools/0/search_context_size'])
})

test('EC-173 the wish to stay offline is no search that Messages has', () => {
  const { lost } = send('openai-responses', 'anthropic-messages', {
    tools: [{ type: 'web_search', external_web_access: false }],
  })
  expect(lost).toEqual(['lossy /tools/0/external_web_access'])
})

test('EC-173 Chat searches by options: the place and the size are kept, domains are lost', () => {
  const search = { type: 'web_search', search_context_size: 'low', filters: { allowed_domains: ['example.org'] } }
  const { body, lost } = send('openai-responses', 'openai-chat', { tools: [search] })
  expect(body['web_search_options']).toEqual({ search_context_size: 'low' })
  expect(lost).toEqual(['lossy /tools/0/filters/allowed_domains'])
})

test('EC-173 the search options of Chat become the tool of Responses', () => {
  const options = { search_context_size: 'high', user_location: { type: 'approximate', approximate: PLACE } }
  const { body, lost } = send('openai-chat', 'openai-responses', { web_search_options: options })
  expect(body['tools']).toEqual([
    { type: 'web_search', user_location: { type: 'approximate', ...PLACE }, search_context_size: 'high' },
  ])
  expect(lost).toEqual([])
})

test('EC-173 OpenAI searches in the Responses format; an upstream that nobody knows is not asked to', () => {
  const converter = createConverter({ client: 'anthropic-messages', upstream: 'openai-responses' })
  const request = { max_tokens: 100, messages: [{ role: 'user', content: 'x' }], tools: [CLAUDE_SEARCH] }
  const openai = converter.exchange({ ...request, model: 'gpt-5.2' })
  expect(openai.request['tools']).toHaveLength(1)
  const unknown = converter.exchange({ ...request, model: 'some-model' })
  expect(unknown.request['tools']).toBeUndefined()
  expect(unknown.losses).toContainEqual(expect.objectContaining({ code: 'server_tool_dropped', path: '/tools/0' }))
})
