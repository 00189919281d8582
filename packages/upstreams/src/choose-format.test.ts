import { describe, expect, test } from 'vitest'

import { chooseUpstreamFormat, spokenFormats } from './choose-format.ts'
import { exchangeTimeouts, resolveTimeouts } from './send/timeouts.ts'
import { accountTypes, isAccountType } from './types/account-types.ts'
import { connectionOf, findPreset, presets } from './types/presets.ts'
import { UpstreamError } from './upstream-error.ts'
import type { AccountType, UpstreamAccount } from './upstream.ts'

function account(over: Partial<UpstreamAccount> = {}): UpstreamAccount {
  return { id: 'a1', name: 'main', type: 'openai-chat', baseUrl: 'https://up.example', ...over }
}

const CLIENTS = [
  ['claude', 'anthropic-messages'],
  ['openai-chat', 'openai-chat'],
  ['openai-responses', 'openai-responses'],
] as const

const allTypes = Object.keys(accountTypes) as AccountType[] // keys of a table typed by them

describe('the API format', () => {
  test.for(allTypes)('can be set to claude and to openai-chat on the type %s', (type) => {
    for (const apiFormat of ['claude', 'openai-chat'] as const) {
      const choice = chooseUpstreamFormat(account({ type, apiFormat }), 'anthropic-messages')
      expect(choice.apiFormat).toBe(apiFormat)
    }
  })

  test.for([
    ['ccr', 'anthropic-messages'],
    ['claude-console', 'anthropic-messages'],
    ['openai-chat', 'openai-chat'],
    ['responses', 'openai-responses'],
    ['openai-responses', 'openai-responses'],
  ] as const)('of a %s account is by default %s, whoever asks', ([type, format]) => {
    expect(chooseUpstreamFormat(account({ type }), 'openai-chat').format).toBe(format)
    expect(chooseUpstreamFormat(account({ type }), 'anthropic-messages').format).toBe(format)
  })
})

test.for([
  ['ccr', 'https://up.example/v1/chat/completions', 'openai-chat'],
  ['openai-responses', 'https://up.example/v1/chat/completions/', 'openai-chat'],
  ['openai-chat', 'https://up.example/messages?beta=true', 'claude'],
  ['claude-console', 'https://up.example/v1/responses', 'openai-responses'],
  ['claude-console', 'https://up.example/messages/v1', 'claude'],
] as const)('auto on the type %s at %s is %s, whoever asks', ([type, baseUrl, apiFormat]) => {
  for (const client of ['anthropic-messages', 'openai-chat', 'openai-responses'] as const)
    expect(chooseUpstreamFormat(account({ type, apiFormat: 'auto', baseUrl }), client).apiFormat).toBe(apiFormat)
})

describe('auto', () => {
  const both = account({
    apiFormat: 'auto',
    formatBaseUrls: { claude: 'https://up.example/anthropic' },
  })

  test('sends the format of the client where the upstream speaks it, under its own base URL', () => {
    expect(chooseUpstreamFormat(both, 'anthropic-messages')).toMatchObject({
      format: 'anthropic-messages',
      baseUrl: 'https://up.example/anthropic',
    })
    expect(chooseUpstreamFormat(both, 'openai-chat')).toMatchObject({
      format: 'openai-chat',
      baseUrl: 'https://up.example',
    })
  })

  test('sends the default of the type where the upstream does not speak the format of the client', () => {
    const chatOnly = account({ apiFormat: 'auto' })
    expect(chooseUpstreamFormat(chatOnly, 'anthropic-messages').format).toBe('openai-chat')
    const claudeOnly = account({ type: 'ccr', apiFormat: 'auto' })
    expect(chooseUpstreamFormat(claudeOnly, 'openai-chat').format).toBe('anthropic-messages')
  })

  test('takes the first format of the type where it speaks several', () => {
    const openAi = account({ type: 'openai-responses', apiFormat: 'auto' })
    expect(chooseUpstreamFormat(openAi, 'anthropic-messages').format).toBe('openai-responses')
    expect(chooseUpstreamFormat(openAi, 'openai-chat').format).toBe('openai-chat')
  })

  test('knows a format by its base URL', () => {
    expect(spokenFormats(both)).toEqual(['openai-chat', 'claude'])
    expect(spokenFormats(account({ formatBaseUrls: { claude: '' } }))).toEqual(['openai-chat'])
  })
})

/** Format sent, format read, and whether the body is looked at first. */
function read(over: Partial<UpstreamAccount>): unknown {
  const { format, answerFormat, recogniseAnswer } = chooseUpstreamFormat(account(over), 'anthropic-messages')
  return [format, answerFormat, recogniseAnswer]
}

describe('the response format', () => {
  test('auto reads what was sent and looks at the body first', () => {
    expect(chooseUpstreamFormat(account(), 'anthropic-messages')).toMatchObject({
      answerFormat: 'openai-chat',
      recogniseAnswer: true,
    })
  })

  test('claude and openai name the family of the body, whatever was sent', () => {
    expect(read({ apiFormat: 'claude', responseFormat: 'openai' })).toEqual([
      'anthropic-messages',
      'openai-chat',
      false,
    ])
    expect(read({ apiFormat: 'openai-chat', responseFormat: 'claude' })).toEqual([
      'openai-chat',
      'anthropic-messages',
      false,
    ])
    expect(read({ apiFormat: 'openai-chat', responseFormat: 'openai' })).toEqual(['openai-chat', 'openai-chat', false])
  })
})

describe('the base URL', () => {
  test('comes from the type where the account has none', () => {
    const console = account({ type: 'claude-console', baseUrl: '' })
    expect(chooseUpstreamFormat(console, 'openai-chat').baseUrl).toBe('https://api.anthropic.com')
  })

  test('has to be given for types without a default', () => {
    expect(() => chooseUpstreamFormat(account({ baseUrl: undefined }), 'openai-chat')).toThrow(
      'account "main" has no base URL for API format "openai-chat"',
    )
  })
})

test('a foreign word is not an account type', () => {
  expect(['ccr', 'toString', '__proto__', 7].map(isAccountType)).toEqual([true, false, false, false])
})

test('presets name known types and usable URLs, each id once', () => {
  for (const preset of presets) {
    expect(isAccountType(preset.accountType)).toBe(true)
    for (const endpoint of Object.values(preset.endpoints)) {
      expect(URL.canParse(endpoint.baseUrl)).toBe(true)
    }
  }
  expect(new Set(presets.map((preset) => preset.id)).size).toBe(presets.length)
  expect(findPreset('deepseek')?.endpoints.claude?.baseUrl).toBe('https://api.deepseek.com/anthropic')
})

test.for(presets)(
  'an account of $label gets each format where the service speaks it, and no address twice',
  (preset) => {
    const { type, baseUrl, formatBaseUrls, apiFormat } = connectionOf(preset)
    const made = account({ type, baseUrl, formatBaseUrls, apiFormat })
    const reached = CLIENTS.map(([name, client]) => {
      const choice = chooseUpstreamFormat(made, client)
      return choice.apiFormat === name ? choice.baseUrl : undefined
    })
    expect(reached).toEqual(CLIENTS.map(([name]) => preset.endpoints[name]?.baseUrl))
    expect(formatBaseUrls).not.toHaveProperty(accountTypes[type].defaultApiFormat)
  },
)

test('time-outs that are left open or senseless get their defaults', () => {
  expect(resolveTimeouts({ connectMs: 5, idleMs: Number.NaN, totalMs: -1, firstEventMs: 0 })).toEqual({
    connectMs: 5,
    streamHeadersMs: 60_000,
    wholeHeadersMs: 600_000,
    firstEventMs: 0,
    idleMs: 120_000,
    totalMs: 3_600_000,
  })
})

test('a whole answer may keep its headers back longer than a stream', () => {
  expect(exchangeTimeouts(undefined, true).headersMs).toBe(60_000)
  expect(exchangeTimeouts(undefined, false).headersMs).toBe(600_000)
})

test('an error is recognised across copies of the package', () => {
  expect(UpstreamError.is(new UpstreamError('base-url-missing', 'x'))).toBe(true)
  expect(UpstreamError.is(new Error('x'))).toBe(false)
})
