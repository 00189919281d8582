import { describe, expect, it } from 'vitest'

import { createConverter, type FormatName } from '../src/index.ts'

const NOW_MS = Date.UTC(2026, 10, 28, 12, 0, 0)

interface Asking {
  readonly client: FormatName
  readonly upstream: FormatName
  readonly option?: 'drop' | 'map'
}

/** What a client sees of the limits in an upstream's headers. */
function shown({ client, upstream, option = 'map' }: Asking, headers: Record<string, string>): Record<string, string> {
  const converter = createConverter({
    client,
    upstream,
    options: { rateLimitHeaders: option },
    now: () => NOW_MS,
  })
  const body = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }], input: 'hi' }
  return converter.exchange(body).rateLimits(headers)
}

const ANTHROPIC_LIMITS = {
  'anthropic-ratelimit-requests-limit': '50',
  'anthropic-ratelimit-requests-remaining': '49',
  'anthropic-ratelimit-requests-reset': '2026-11-28T12:06:00Z',
  'anthropic-ratelimit-tokens-limit': '80000',
  'anthropic-ratelimit-tokens-remaining': '0',
  'anthropic-ratelimit-tokens-reset': '2026-11-28T14:00:01+01:00',
  'anthropic-ratelimit-input-tokens-limit': '70000',
  'request-id': 'req_1',
}

const OPENAI_LIMITS = {
  'X-RateLimit-Limit-Requests': '60',
  'x-ratelimit-remaining-requests': '59',
  'x-ratelimit-reset-requests': '1s',
  'x-ratelimit-limit-tokens': '150000',
  'x-ratelimit-remaining-tokens': '149984',
  'x-ratelimit-reset-tokens': '6m0s',
  'x-request-id': 'req_1',
}

/** Contract 5.3, the two rows of rate limits. */
describe('rate limits of an upstream', () => {
  it.each(['drop', undefined] as const)('stay with the pool unless the option says otherwise (%s)', (option) => {
    const converter = createConverter({
      client: 'openai-chat',
      upstream: 'anthropic-messages',
      options: option && { rateLimitHeaders: option },
    })
    const exchange = converter.exchange({ model: 'm', messages: [{ role: 'user', content: 'hi' }] })
    expect(exchange.rateLimits(ANTHROPIC_LIMITS)).toEqual({})
  })

  it.each(['openai-chat', 'openai-responses'] as const)('of Anthropic reach a client of %s', (client) => {
    expect(shown({ client, upstream: 'anthropic-messages' }, ANTHROPIC_LIMITS)).toEqual({
      'x-ratelimit-limit-requests': '50',
      'x-ratelimit-remaining-requests': '49',
      'x-ratelimit-reset-requests': '6m0s',
      'x-ratelimit-limit-tokens': '80000',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '1h0m1s',
    })
  })

  it.each(['openai-chat', 'openai-responses'] as const)('of %s reach a client of Anthropic', (upstream) => {
    expect(shown({ client: 'anthropic-messages', upstream }, OPENAI_LIMITS)).toEqual({
      'anthropic-ratelimit-requests-limit': '60',
      'anthropic-ratelimit-requests-remaining': '59',
      'anthropic-ratelimit-requests-reset': '2026-11-28T12:00:01Z',
      'anthropic-ratelimit-tokens-limit': '150000',
      'anthropic-ratelimit-tokens-remaining': '149984',
      'anthropic-ratelimit-tokens-reset': '2026-11-28T12:06:00Z',
    })
  })

  it('pass as they are between sides of one family, also those that the other has no name for', () => {
    const { 'request-id': _, ...limits } = ANTHROPIC_LIMITS
    expect(shown({ client: 'anthropic-messages', upstream: 'anthropic-messages' }, ANTHROPIC_LIMITS)).toEqual(limits)
    const { 'x-request-id': __, 'X-RateLimit-Limit-Requests': first, ...rest } = OPENAI_LIMITS
    expect(shown({ client: 'openai-chat', upstream: 'openai-responses' }, OPENAI_LIMITS)).toEqual({
      'x-ratelimit-limit-requests': first,
      ...rest,
    })
  })

  it.each([
    ['2026-11-28T12:00:00.2Z', '200ms'],
    ['2026-11-28T12:00:59.5Z', '1m0s'],
    ['2026-11-28T11:00:00Z', '0ms'],
    ['2026-11-29T13:01:01Z', '25h1m1s'],
  ])('say of %s that it is %s away', (moment, duration) => {
    const headers = { 'anthropic-ratelimit-tokens-reset': moment }
    expect(shown({ client: 'openai-chat', upstream: 'anthropic-messages' }, headers)).toEqual({
      'x-ratelimit-reset-tokens': duration,
    })
  })

  it.each([
    ['20ms', '2026-11-28T12:00:01Z'],
    ['7m12.5s', '2026-11-28T12:07:13Z'],
    ['1d2h', '2026-11-29T14:00:00Z'],
  ])('say of %s that it ends at %s', (duration, moment) => {
    const headers = { 'x-ratelimit-reset-tokens': duration }
    expect(shown({ client: 'anthropic-messages', upstream: 'openai-chat' }, headers)).toEqual({
      'anthropic-ratelimit-tokens-reset': moment,
    })
  })

  it('are left out where nothing can be read', () => {
    const broken = {
      'x-ratelimit-limit-requests': '-1',
      'x-ratelimit-remaining-requests': 'many',
      'x-ratelimit-reset-requests': 'soon',
      'x-ratelimit-reset-tokens': '99999999999d',
    }
    expect(shown({ client: 'anthropic-messages', upstream: 'openai-chat' }, broken)).toEqual({})
    const moments = { 'anthropic-ratelimit-tokens-reset': 'tomorrow', 'anthropic-ratelimit-requests-reset': '5' }
    expect(shown({ client: 'openai-chat', upstream: 'anthropic-messages' }, moments)).toEqual({})
  })
})
