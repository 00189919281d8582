import { sseReply, startFakeProxy } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, DIALECTS, readError, readStream, STORY } from './dialects.ts'
import { accountFor, attemptsOf, openStage } from './harness.ts'

describe.concurrent('an account that is changed while it streams', () => {
  test.for(['disabled', 'paused', 'removed', 'sent elsewhere'] as const)(
    'and is %s: the stream goes on to its end, and the next request knows',
    async (change, context) => {
      const stage = openStage(context)
      const story = canned('chat').sse
      const split = story.indexOf('\n\n', story.indexOf('l ein Relais')) + 2
      const upstream = await stage.upstream(
        sseReply([story.slice(0, split), story.slice(split)], { pieceDelayMs: 700 }),
      )
      const elsewhere = await stage.upstream(canned('chat').script)
      const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
      const [account] = await relay.store.listAccounts()
      const id = account?.id ?? ''

      const response = await ask(relay, 'claude') // its first content is here
      if (change === 'removed') await relay.store.removeAccount(id)
      else if (change === 'sent elsewhere')
        await relay.store.updateAccount(id, { baseUrl: elsewhere.url, credential: 'another-credential-1' })
      else await relay.store.updateAccount(id, change === 'disabled' ? { enabled: false } : { schedulable: false })

      const next = await ask(relay, 'chat')
      expect(next.status).toBe(change === 'sent elsewhere' ? 200 : 404)
      await next.text()
      expect(readStream('claude', await response.text())).toEqual({ text: STORY, isComplete: true, error: undefined })
      expect(upstream.requests).toHaveLength(1)
      expect(elsewhere.requests).toHaveLength(change === 'sent elsewhere' ? 1 : 0)
      await relay.idle()
    },
  )
})

describe.concurrent('an account whose address the network guard refuses', () => {
  const addresses = [
    { what: 'a private address', baseUrl: 'http://10.0.0.1:8080' },
    { what: 'cloud metadata', baseUrl: 'http://169.254.169.254' },
    { what: 'metadata in an IPv4-mapped form', baseUrl: 'http://[::ffff:169.254.169.254]' },
    { what: 'loopback in another spelling', baseUrl: 'http://2130706433' },
    { what: 'a name of loopback', baseUrl: 'http://localhost' },
  ]

  test.for(DIALECTS.flatMap((client) => addresses.map((each) => ({ ...each, client }))))(
    '$client: $what is not connected to, and the client sees no address',
    async ({ client, baseUrl }, context) => {
      const account = { name: 'inside', type: 'openai-chat', baseUrl } as const
      const relay = await openStage(context).relay({ accounts: [account], config: { isProduction: true } })

      const error = await readError(client, await ask(relay, client))

      expect(error.status).toBe(502)
      expect(error.message).toContain('network guard')
      expect(error.message).not.toMatch(/10\.0\.0\.1|169\.254|localhost|2130706433|127\.0/)
      const [record] = await relay.records(1)
      expect(attemptsOf(record)).toMatchObject([{ account: 'inside', status: undefined, reason: 'blocked_address' }])
      await relay.idle()
    },
  )

  test('leaves the request to another one that is listed', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const relay = await stage.relay({
      accounts: [
        { name: 'inside', type: 'openai-chat', baseUrl: 'http://192.168.1.1', priority: 1 },
        accountFor(upstream, 'chat', { name: 'listed', priority: 2 }),
      ],
      config: { isProduction: true, allowPrivate: [`127.0.0.1:${upstream.port}`] },
    })

    expect(readStream('claude', await (await ask(relay, 'claude')).text())).toMatchObject({ text: STORY })
    expect((await relay.records(1))[0]).toMatchObject({ accountName: 'listed', reason: 'completed' })
  })

  test('is not reached through a proxy that is allowed either', async (context) => {
    const stage = openStage(context)
    const proxy = await startFakeProxy({ kind: 'http' })
    context.onTestFinished(() => proxy.close())
    const proxyUrl = `http://127.0.0.1:${proxy.port}`
    const account = { name: 'inside', type: 'openai-chat', baseUrl: 'http://169.254.169.254', proxyUrl } as const
    const config = { isProduction: true, allowPrivate: [`127.0.0.1:${proxy.port}`] }
    const relay = await stage.relay({ accounts: [account], config })

    expect((await readError('chat', await ask(relay, 'chat'))).message).toContain('network guard')
    expect(proxy.ends).toEqual([])
  })
})
