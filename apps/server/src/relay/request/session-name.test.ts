import type { RelayKey } from '@relay/account-store'
import { expect, test } from 'vitest'

import type { LiveRequest } from '../live-request.ts'
import { openEnvelope } from './envelope.ts'
import { sessionName } from './session-name.ts'

const LONG = 'You are a careful helper. '.repeat(300)

function nameOf(body: object, headers: Readonly<Record<string, string>> = {}): string | undefined {
  return nameOfText(JSON.stringify({ model: 'm', max_tokens: 1, ...body }), headers)
}

function nameOfText(text: string, headers: Readonly<Record<string, string>> = {}): string | undefined {
  const format = text.includes('"input":') ? 'openai-responses' : 'anthropic-messages'
  const envelope = openEnvelope(Buffer.from(text), { format })
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

const THINKING = { thinking: { type: 'adaptive' } }
const SEALED = { include: ['reasoning.encrypted_content'] }
const QUESTION = { role: 'user', content: 'How warm is it?' }
const DEEP = { role: 'user', content: 'deep' }
const MORE = [
  { role: 'assistant', content: 'Where?' },
  { role: 'user', content: 'Here.' },
] as const

test.for([
  ['Messages', { ...THINKING, system: 'Be brief.' }, 'messages'],
  ['Responses', { ...SEALED, instructions: 'Be brief.' }, 'input'],
] as const)('a short conversation that brings proofs of reasoning back goes by how it opens: %s', ([, wish, turns]) => {
  const first = nameOf({ ...wish, [turns]: [QUESTION] })
  expect(first).toMatch(/^key opening [\da-f]{32} m$/)
  const marked = {
    ...QUESTION,
    content: [{ type: 'text', text: QUESTION.content, cache_control: { type: 'ephemeral' } }],
  }
  expect(nameOf({ ...wish, [turns]: [marked, ...MORE] })).toBe(first)
  expect(nameOf({ ...wish, [turns]: [QUESTION, { role: 'assistant', content: LONG }, MORE[1]] })).toBe(first)
  expect(nameOf({ ...wish, [turns]: MORE })).not.toBe(first)
  expect(nameOf({ [turns]: [QUESTION] })).toBeUndefined()
})

test('a body that is deeper than the stack goes by its beginning', () => {
  const deep = `${'['.repeat(90_000)}${']'.repeat(90_000)}`
  const body = JSON.stringify({ model: 'm', max_tokens: 1, ...THINKING, system: 'Be brief.', messages: [DEEP] })
  expect(nameOfText(body.replace('"deep"', deep))).toMatch(/^key prefix [\da-f]{32} m$/)
})

test('what stands before the first words of a user is part of how a conversation opens', () => {
  const developer = { role: 'developer', content: 'Be brief.' }
  const first = nameOf({ ...SEALED, input: [developer, QUESTION] })
  expect(nameOf({ ...SEALED, input: [developer, QUESTION, ...MORE] })).toBe(first)
  expect(nameOf({ ...SEALED, input: [developer, MORE[1]] })).not.toBe(first)
  expect(nameOf({ ...SEALED, input: QUESTION.content })).toBe(nameOf({ ...SEALED, input: [QUESTION] }))
})
