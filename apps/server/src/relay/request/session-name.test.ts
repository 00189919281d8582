import type { RelayKey } from '@relay/account-store'
import { expect, test } from 'vitest'

import type { LiveRequest } from '../live-request.ts'
import { openEnvelope } from './envelope.ts'
import { sessionName } from './session-name.ts'

const LONG = 'You are a careful helper. '.repeat(300)

function nameOf(body: object, headers: Readonly<Record<string, string>> = {}): string | undefined {
  const bytes = Buffer.from(JSON.stringify({ model: 'm', max_tokens: 1, ...body }))
  const envelope = openEnvelope(bytes, { format: 'anthropic-messages' })
  const live = { incoming: { headers } } as unknown as LiveRequest // the headers are all that is read
  return sessionName({ live, envelope, key: { id: 'key' } as RelayKey }) // and the id
}

function turns(count: number): object {
  return { messages: Array.from({ length: count }, (_, index) => ({ role: 'user', content: `turn ${index}` })) }
}

test.for([
  ['a header', { ...turns(1), metadata: { user_id: 'x' } }, { 'x-claude-code-session-id': 's-1' }, 'key s-1 m'],
  [
    'JSON in the metadata',
    { ...turns(1), metadata: { user_id: '{"device_id":"d","session_id":"s-2"}' } },
    {},
    'key s-2 m',
  ],
  [
    'text in the metadata',
    { ...turns(1), metadata: { user_id: 'user_1_account_2_session_0b4445e1-f5be' } },
    {},
    'key session_0b4445e1-f5be m',
  ],
  ['the prompt cache key', { ...turns(1), prompt_cache_key: 'cache-1' }, {}, 'key cache-1 m'],
] as const)('a session goes by %s', ([, body, headers, name]) => {
  expect(nameOf(body, headers)).toBe(name)
})

test('without words of its own a session goes by the beginning of a long prompt', () => {
  const first = nameOf({ system: LONG, ...turns(1) })
  expect(first).toMatch(/^key prefix [\da-f]{32} m$/)
  expect(nameOf({ system: LONG, ...turns(9) })).toBe(first)
  expect(nameOf({ system: LONG.slice(1), ...turns(1) })).not.toBe(first)
})

test.for([
  ['a short prompt', turns(3)],
  ['a user who is no session', { ...turns(1), metadata: { user_id: 'anna' } }],
  ['broken JSON', { ...turns(1), metadata: { user_id: '{"session_id":' } }],
] as const)('%s names no session', ([, body]) => {
  expect(nameOf(body)).toBeUndefined()
})
