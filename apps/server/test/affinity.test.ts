import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { jsonReply, type FakeUpstream } from '@relay/upstreams/testing'
import { describe, expect, test, type TestContext } from 'vitest'

import { ask, canned, PATHS } from './dialects.ts'
import { accountFor, openStage, type Dialect, type TestRelay } from './harness.ts'

const TEST_MS = 60_000
const BROKEN = jsonReply({ error: { type: 'server_error', message: 'oops' } }, { status: 500 })
const THREADS = { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'message-threads-2026-08-12' }

/** Two servers on one file, and two accounts, the first of which is preferred and can break. */
interface TwoNodes {
  readonly first: FakeUpstream
  readonly second: FakeUpstream
  readonly nodes: readonly [TestRelay, TestRelay]
  /** The relay key, which both know. */
  readonly headers: { readonly 'x-api-key': string }
  breakFirst(isBroken: boolean): Promise<void>
}

async function openNodes(context: TestContext, dialect: Dialect): Promise<TwoNodes> {
  const folder = mkdtempSync(join(tmpdir(), 'relay-affinity-'))
  context.onTestFinished(() => rmSync(folder, { recursive: true }))
  const stage = openStage(context)
  const facts = { isBroken: false }
  const sound = canned(dialect, { id: 'id_1' })
  const first = await stage.upstream((request) => (facts.isBroken ? BROKEN : sound.reply(request)))
  const second = await stage.upstream(canned(dialect, { id: 'id_2' }).script)
  const storeFile = join(folder, 'relay.db')
  const accounts = [
    accountFor(first, dialect, { name: 'first', priority: 1 }),
    accountFor(second, dialect, { name: 'second', priority: 2 }),
  ]
  const one = await stage.relay({ accounts, storeFile })
  const two = await stage.relay({ accounts: [], storeFile, key: { name: 'unused' } })
  return {
    first,
    second,
    nodes: [one, two],
    headers: { 'x-api-key': one.key },
    breakFirst: async (isBroken) => {
      facts.isBroken = isBroken
      const [account] = await one.store.listAccounts()
      await one.store.clearAccountState(account?.id ?? '')
    },
  }
}

describe('behind a balancer with two nodes', { timeout: TEST_MS }, () => {
  test('a session stays at the account that it moved to on the other node', async (context) => {
    const { nodes, headers, first, breakFirst } = await openNodes(context, 'chat')
    const [one, two] = nodes
    const go = async (relay: TestRelay): Promise<void> => {
      const session = { 'x-claude-code-session-id': 'session-1' }
      expect((await ask(relay, 'claude', { headers: { ...headers, ...session }, isStream: false })).status).toBe(200)
    }
    await breakFirst(true)
    await go(one)
    await breakFirst(false)
    const asked = first.requests.length
    await go(two)
    await go(one)
    expect(first.requests).toHaveLength(asked)
    const elsewhere = await ask(two, 'claude', { headers: { ...headers, 'x-claude-code-session-id': 'session-2' } })
    await elsewhere.text()
    expect(first.requests, 'another session prefers the first account').toHaveLength(asked + 1)
  })

  test('a message thread goes on where it is', async (context) => {
    const { nodes, headers, first, second, breakFirst } = await openNodes(context, 'claude')
    const [one, two] = nodes
    const turn = async (relay: TestRelay, thread: object): Promise<number> => {
      const body = { model: 'm', max_tokens: 9, thread, messages: [{ role: 'user', content: 'Hi' }] }
      const response = await relay.post(PATHS.claude, body, { headers: { ...headers, ...THREADS } })
      await response.text()
      return response.status
    }
    await breakFirst(true)
    expect(await turn(one, { type: 'create' })).toBe(200)
    await breakFirst(false)
    const asked = first.requests.length
    expect(await turn(two, { type: 'continue', previous_message_id: 'id_2' })).toBe(200)
    expect(await turn(two, { type: 'continue', previous_message_id: 'msg_unknown' })).toBe(404)
    expect([first.requests.length, second.requests.length]).toEqual([asked, 2])
  })

  test('a response that an upstream keeps is gone on from there', async (context) => {
    const { nodes, headers, first, second, breakFirst } = await openNodes(context, 'responses')
    const [one, two] = nodes
    const go = async (relay: TestRelay, more: object): Promise<number> => {
      const response = await relay.post(PATHS.responses, { model: 'm', input: 'Hi', ...more }, { headers })
      await response.text()
      return response.status
    }
    await breakFirst(true)
    expect(await go(one, {})).toBe(200)
    await breakFirst(false)
    const asked = first.requests.length
    expect(await go(two, { previous_response_id: 'id_2' })).toBe(200)
    expect([first.requests.length, second.requests.length]).toEqual([asked, 2])
  })
})
