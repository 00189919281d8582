import type { AccountInput } from '@relay/account-store'
import { claudeErrorReply, htmlReply, sseReply } from '@relay/upstreams/testing'
import type { FakeAnswer } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { PROOF_HEADER } from '../src/admin-api/contract/index.ts'
import { canned } from './dialects.ts'
import { accountFor, openStage, type TestRelay } from './harness.ts'

interface SeededFailure {
  readonly failure: string
  readonly answer?: FakeAnswer
  readonly account?: Partial<AccountInput>
  /** What one page has to say, for a person to know the cause. */
  readonly cause: RegExp
}

const FAILURES: readonly SeededFailure[] = [
  {
    failure: 'the upstream refuses the credential of the account',
    answer: claudeErrorReply(401, { type: 'authentication_error', message: 'invalid x-api-key' }),
    cause: /refused the credential of its account/,
  },
  {
    failure: 'the upstream cuts the stream',
    answer: sseReply(canned('claude').sse, { cutAfterBytes: canned('claude').sse.length - 200 }),
    cause: /closed the connection in the middle of its answer/,
  },
  {
    failure: 'no account serves the model',
    account: { models: { 'another-model': 'another-model' } },
    cause: /no account serves it/,
  },
  {
    failure: 'a gateway in front of the upstream answers with a page',
    answer: htmlReply(),
    cause: /HTML|html|not an event stream/,
  },
  {
    failure: 'the address of the account is blocked',
    account: { baseUrl: 'http://10.1.2.3:8080' },
    cause: /RELAY_ALLOW_PRIVATE/,
  },
]

const REQUEST = {
  model: 'claude-sonnet-4-6',
  max_tokens: 9,
  stream: true,
  messages: [{ role: 'user', content: 'hi' }],
}

describe.concurrent('from a request id to the cause on one page', () => {
  test.for(FAILURES)('$failure', async ({ answer, account, cause }, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(answer)
    const accounts = [{ ...accountFor(upstream, 'claude'), ...account }]
    const relay = await stage.relay({ accounts })
    const asked = await relay.post('/v1/messages', REQUEST)
    await asked.text()
    const id = asked.headers.get('x-relay-request-id') ?? ''
    await relay.records(1)
    const page = await readPage(relay, id)
    expect(page.status).toBe(200)
    expect(page.text).toMatch(cause)
  })
})

/** What the panel shows of a request, read as the panel reads it. */
async function readPage(relay: TestRelay, requestId: string): Promise<{ status: number; text: string }> {
  const password = 'a password of some length'
  await relay.store.createAdminUser({ name: 'mei', password, mustChangePassword: false })
  const headers = { 'content-type': 'application/json', [PROOF_HEADER]: '1', 'sec-fetch-site': 'same-origin' }
  const signedIn = await fetch(`${relay.url}/admin/api/session`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name: 'mei', password }),
  })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const page = await fetch(`${relay.url}/admin/api/requests/${requestId}`, { headers: { ...headers, cookie } })
  return { status: page.status, text: await page.text() }
}
