import { describe, expect, test } from 'vitest'

import { buildSiblingUrl, buildUpstreamUrl, parseBaseUrl } from './url.ts'

describe('buildUpstreamUrl', () => {
  test.for([
    ['https://a.example', 'claude', 'https://a.example/v1/messages'],
    ['https://a.example/', 'claude', 'https://a.example/v1/messages'],
    ['https://a.example/v1', 'openai-chat', 'https://a.example/v1/chat/completions'],
    ['https://a.example/v1/', 'openai-responses', 'https://a.example/v1/responses'],
    ['https://a.example/api/paas/v4', 'openai-chat', 'https://a.example/api/paas/v4/chat/completions'],
    ['https://a.example/anthropic', 'claude', 'https://a.example/anthropic/v1/messages'],
    ['https://a.example/v1beta', 'openai-chat', 'https://a.example/v1beta/v1/chat/completions'],
    ['https://a.example/x/messages', 'claude', 'https://a.example/x/messages'],
    ['https://a.example/x/chat/completions', 'openai-chat', 'https://a.example/x/chat/completions'],
    ['https://a.example/responses/', 'openai-responses', 'https://a.example/responses'],
    ['http://127.0.0.1:8000', 'openai-chat', 'http://127.0.0.1:8000/v1/chat/completions'],
    ['https://a.example/v1?key=1', 'claude', 'https://a.example/v1/messages?key=1'],
  ] as const)('%s for %s is %s', ([baseUrl, apiFormat, expected]) => {
    expect(buildUpstreamUrl(baseUrl, apiFormat)).toBe(expected)
  })

  test('the query of the client follows the one of the base URL', () => {
    const query = '?beta=true'
    expect(buildUpstreamUrl('https://a.example', 'claude', { query })).toBe('https://a.example/v1/messages?beta=true')
    expect(buildUpstreamUrl('https://a.example?v=2', 'claude', { query })).toBe(
      'https://a.example/v1/messages?v=2&beta=true',
    )
    expect(buildUpstreamUrl('https://a.example', 'claude', { query: '?' })).toBe('https://a.example/v1/messages')
  })

  test('a suffix goes behind the endpoint', () => {
    const suffix = '/count_tokens'
    expect(buildUpstreamUrl('https://a.example/x/messages', 'claude', { suffix })).toBe(
      'https://a.example/x/messages/count_tokens',
    )
  })
})

test('a sibling stands beside the endpoints', () => {
  expect(buildSiblingUrl('https://a.example', '/models')).toBe('https://a.example/v1/models')
  expect(buildSiblingUrl('https://a.example/v1/messages', '/models', 'limit=5')).toBe(
    'https://a.example/v1/models?limit=5',
  )
})

describe('parseBaseUrl', () => {
  test.for([
    ['not a url', 'is not a URL'],
    ['', 'is not a URL'],
    ['ftp://a.example', 'scheme "ftp"'],
    ['file:///etc/passwd', 'scheme "file"'],
    ['https://user:geheim@a.example', 'user name or password'],
    ['https://a.example/v1#x', 'fragment'],
    ['https://a.example/v1#', 'fragment'],
  ])('refuses %s', ([baseUrl, message]) => {
    expect(() => parseBaseUrl(baseUrl ?? '')).toThrow(message)
  })

  test('never repeats a password', () => {
    expect(() => parseBaseUrl('https://user:geheim@a.example')).not.toThrow('geheim')
  })
})
