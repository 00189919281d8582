import { ACCOUNT_TYPES, isNative } from '@relay/account-store'
import { chooseUpstreamFormat } from '@relay/upstreams'
import { jsonReply, startFakeProxy } from '@relay/upstreams/testing'
import type { FakeUpstream } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import type { RoutingSettings } from '../src/config/routing-settings.ts'
import { ask, canned, onEveryWay, readError, readStream, readWhole, STORY, toldTo } from './dialects.ts'
import { accountFor, attemptsOf, openStage, type TestRelay } from './harness.ts'

function setRouting(relay: TestRelay, settings: Partial<RoutingSettings>): Promise<void> {
  return relay.store.writeSetting('routing', JSON.stringify(settings))
}

function modelsAt({ requests }: FakeUpstream): unknown[] {
  return requests.map(({ json }) => (json as { readonly model?: unknown }).model) // JSON of a model request
}

const BROKEN = jsonReply({ error: { type: 'server_error', message: 'oops' } }, { status: 500 })

describe.concurrent('who may be asked', () => {
  test('a key reaches its groups and accounts; a dedicated account serves nobody else', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const relay = await stage.relay({
      accounts: [
        accountFor(upstream, 'chat', { name: 'dedicated', isDedicated: true, groups: ['team'] }),
        accountFor(upstream, 'chat', { name: 'night', groups: ['night'], priority: 60 }),
      ],
      key: { permissions: { groups: ['night'] } },
    })
    const { secret } = await relay.store.createRelayKey({ name: 'team', permissions: { groups: ['team'] } })

    await (await ask(relay, 'chat')).text()
    await (await ask(relay, 'chat', { headers: { 'x-api-key': secret } })).text()

    const records = await relay.records(2)
    expect(records.map(({ accountName }) => accountName)).toEqual(['night', 'dedicated'])
  })

  test('an account that has expired or does not list the model is no candidate', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const relay = await stage.relay({
      accounts: [
        accountFor(upstream, 'chat', { name: 'expired', expiresAt: Date.now() - 1 }),
        accountFor(upstream, 'chat', { name: 'choosy', allowedModels: ['other-*'] }),
      ],
    })
    expect((await readError('chat', await ask(relay, 'chat'))).status).toBe(404)
    expect((await ask(relay, 'chat', { body: { model: 'other-model' } })).status).toBe(200)
  })

  test('an account whose daily quota is used up is out until its day ends', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const relay = await stage.relay({
      accounts: [accountFor(upstream, 'chat', { dailyQuota: { limitMicroUsd: 100 } })],
    })
    const [account] = await relay.store.listAccounts()
    await relay.store.recordAccountCost(account?.id ?? '', 100)

    const response = await ask(relay, 'claude')

    expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    // What comes back within minutes is a busy moment; what is used up until tomorrow is said to be.
    expect([429, 529]).toContain((await readError('claude', response)).status)
    expect(upstream.requests).toHaveLength(0)
  })
})

describe.concurrent('routing settings', () => {
  test('an alias stands for a model, and its fallbacks are asked in turn', async (context) => {
    const stage = openStage(context)
    const [broken, sound] = [await stage.upstream(BROKEN), await stage.upstream(canned('chat').script)]
    const relay = await stage.relay({
      accounts: [
        accountFor(broken, 'chat', { name: 'big', models: { big: 'big-1' } }),
        accountFor(sound, 'chat', { name: 'small', models: { small: 'small-1' } }),
      ],
    })
    await setRouting(relay, { aliases: { best: 'big' }, fallbacks: { big: ['missing', 'small'] }, showsAccount: true })

    const response = await ask(relay, 'claude', { body: { model: 'best' } })

    expect(readStream('claude', await response.text())).toMatchObject({ text: STORY, isComplete: true })
    expect(response.headers.get('x-relay-account')).toBe('small')
    expect([modelsAt(broken), modelsAt(sound)]).toEqual([['big-1'], ['small-1']])
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ modelAsked: 'best', accountName: 'small', reason: 'completed' })
    expect(attemptsOf(record)).toMatchObject([
      { account: 'big', reason: 'internal', status: 500 },
      { account: 'small', reason: 'completed', status: 200 },
    ])
    await relay.idle()
  })

  test('a model that is out for a while is not called unknown because of a fallback that nobody serves', async (context) => {
    const stage = openStage(context)
    const limited = await stage.upstream(
      jsonReply({ error: { message: 'slower' } }, { status: 429, headers: { 'retry-after': '40' } }),
    )
    const relay = await stage.relay({ accounts: [accountFor(limited, 'chat', { models: { big: 'big-1' } })] })
    await setRouting(relay, { aliases: { best: 'big' }, fallbacks: { big: ['missing'] } })
    for (const attempt of ['asked', 'resting']) {
      const refused = await ask(relay, 'chat', { body: { model: 'best' } })
      expect([attempt, refused.status, refused.headers.get('retry-after')]).toEqual([attempt, 429, '40'])
      const { error } = (await refused.json()) as { readonly error: { readonly message: string } }
      expect(error.message).not.toMatch(/missing|big/)
    }
    const unknown = await ask(relay, 'chat', { body: { model: 'other' } })
    expect([unknown.status, await unknown.text()]).toEqual([404, expect.stringContaining('other')])
  })

  test('aliases stand in the list of models where they lead to one that is served', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const models = { big: 'big-1', hidden: 'hidden-1' }
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { models, allowedModels: ['big'] })] })
    await setRouting(relay, { aliases: { best: 'big', lost: 'nothing', 'any-*': 'big' } })
    const get = async (path: string): Promise<Response> =>
      fetch(`${relay.url}/v1/models${path}`, { headers: { 'x-api-key': relay.key } })

    const list = (await (await get('')).json()) as { readonly data: readonly { readonly id: string }[] }

    expect(list.data.map(({ id }) => id)).toEqual(['best', 'big'])
    const statuses = await Promise.all(
      ['/best', '/any-thing', '/lost', '/hidden'].map(async (id) => (await get(id)).status),
    )
    expect(statuses).toEqual([200, 200, 404, 404])
  })

  test('without a fallback the failure is told, and the account is not named', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(canned('chat').script), 'chat')] })
    const response = await ask(relay, 'chat')
    expect(response.headers.get('x-relay-account')).toBeNull()
    await response.text()
  })

  test('the least recently used account comes next where that is the strategy', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const names = ['a', 'b', 'c']
    const relay = await stage.relay({ accounts: names.map((name) => accountFor(upstream, 'chat', { name })) })
    await setRouting(relay, { strategy: 'least-recently-used' })

    for (let count = 0; count < 6; count += 1) await (await ask(relay, 'chat')).text()

    const records = await relay.records(6)
    expect(records.map(({ accountName }) => accountName)).toEqual([...names, ...names])
  })

  test('that cannot be understood leave everything as usual', async (context) => {
    const stage = openStage(context)
    const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(canned('chat').script), 'chat')] })
    await relay.store.writeSetting('routing', '{"strategy":"dice"}')
    expect((await ask(relay, 'chat')).status).toBe(200)
    expect(relay.log()).toContain('routing settings')
  })
})

test('what is taken for native is what is sent in the client’s own format, for every type that chooses itself', async (context) => {
  const relay = await openStage(context).relay({
    accounts: ACCOUNT_TYPES.flatMap((type) =>
      ['', '/v1/messages', '/v1/chat/completions/', '/v1/responses?a=1'].map((path) => ({
        name: `${type}${path}`,
        type,
        apiFormat: 'auto',
        baseUrl: `http://127.0.0.1:9${path}`,
      })),
    ),
  })
  const accounts = await relay.store.listAccounts()
  const formats = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const
  const seen = accounts.flatMap((account) => formats.map((format) => [account.name, format, isNative(account, format)]))
  const sent = accounts.flatMap((account) =>
    formats.map((format) => [account.name, format, chooseUpstreamFormat(account, format).format === format]),
  )
  expect(seen).toEqual(sent)
})

describe.concurrent('a session', () => {
  test('begins at the account that rested longest, where several are as idle', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const relay = await stage.relay({ accounts: ['a', 'b'].map((name) => accountFor(upstream, 'chat', { name })) })
    for (const session of ['one', 'two', 'three', 'two']) {
      const headers = { 'x-claude-code-session-id': session }
      await (await ask(relay, 'claude', { headers })).text()
    }
    const records = await relay.records(4)
    expect(records.map(({ accountName }) => accountName)).toEqual(['a', 'b', 'a', 'b'])
  })

  test('stays at its account, moves when that is out, and stays where it moved to', async (context) => {
    const stage = openStage(context)
    let isBroken = false
    const first = await stage.upstream((request) => (isBroken ? BROKEN : canned('chat').reply(request)))
    const second = await stage.upstream(canned('chat').script)
    const relay = await stage.relay({
      accounts: [
        accountFor(first, 'chat', { name: 'first', priority: 1 }),
        accountFor(second, 'chat', { name: 'second', priority: 2 }),
      ],
    })
    const go = async (): Promise<void> => {
      const response = await ask(relay, 'claude', { headers: { 'x-claude-code-session-id': 'session-1' } })
      expect(readStream('claude', await response.text()).isComplete).toBe(true)
    }

    await go()
    isBroken = true
    await go()
    isBroken = false
    const [account] = await relay.store.listAccounts()
    await relay.store.clearAccountState(account?.id ?? '')
    await go()

    expect((await relay.records(3)).map(({ accountName }) => accountName)).toEqual(['first', 'second', 'second'])
  })
})

describe.concurrent('what an agent asks on the side', () => {
  const session = { 'x-claude-code-session-id': 'session-1' }

  test('of another model leaves its session at its account', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat').script)
    const large = { models: { large: 'large' } }
    const relay = await stage.relay({
      accounts: [
        accountFor(upstream, 'chat', { ...large, name: 'first' }),
        accountFor(upstream, 'chat', { ...large, name: 'second' }),
        accountFor(upstream, 'chat', { models: { small: 'small' }, name: 'third' }),
      ],
    })
    await setRouting(relay, { strategy: 'least-recently-used' })
    const go = async (model: string, headers = {}): Promise<void> =>
      void (await (await ask(relay, 'claude', { headers, body: { model } })).text())
    await go('large', session)
    for (let count = 0; count < 3; count += 1) {
      await go('large') // by others
      await go('small', session)
      await go('large', session)
    }
    const names = (await relay.records(10))
      .filter(({ sessionId, modelAsked }) => sessionId !== undefined && modelAsked === 'large')
      .map(({ accountName }) => accountName)
    expect(names).toHaveLength(4)
    expect(new Set(names).size).toBe(1)
  })

  test('as a search of the web leaves its session at its account', async (context) => {
    const stage = openStage(context)
    const plain = await stage.upstream(canned('chat').script)
    const searching = await stage.upstream(canned('responses').script)
    const relay = await stage.relay({
      accounts: [
        accountFor(plain, 'chat', { name: 'plain', priority: 1 }),
        accountFor(searching, 'responses', {
          name: 'searching',
          priority: 2,
          type: 'openai-responses',
          apiFormat: 'openai-responses',
        }),
      ],
    })
    const search = { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }] }
    for (const body of [{}, search, {}]) await (await ask(relay, 'claude', { headers: session, body })).text()
    expect((await relay.records(3)).map(({ accountName }) => accountName)).toEqual(['plain', 'searching', 'plain'])
  })
})

describe.concurrent('an account’s own settings', () => {
  test.for(onEveryWay([{ isStream: true }, { isStream: false }]))(
    '$client > $upstream (stream: $isStream): its rules class an error answer',
    async ({ client, upstream: dialect, isStream }, context) => {
      const stage = openStage(context)
      const error = { type: 'invalid_request_error', message: 'the engine is BUSY' }
      const upstream = await stage.upstream(jsonReply({ type: 'error', error }, { status: 400 }))
      const sound = await stage.upstream(canned(dialect).script)
      const relay = await stage.relay({
        accounts: [
          accountFor(upstream, dialect, {
            name: 'first',
            priority: 1,
            errorClasses: [{ status: 400, body: 'engine is busy', class: 'overloaded' }],
          }),
          accountFor(sound, dialect, { name: 'second', priority: 2 }),
        ],
      })

      const response = await ask(relay, client, { isStream })
      const text = isStream ? readStream(client, await response.text()).text : await readWhole(client, response)

      expect(text).toBe(STORY)
      expect(attemptsOf((await relay.records(1))[0])).toMatchObject([{ reason: 'overloaded', status: 400 }, {}])
    },
  )

  test('what it says of a used-up quota is not passed on', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(jsonReply({ error: { message: 'wallet 42 is empty' } }, { status: 418 }))
    const errorClasses = [{ body: 'is empty', class: 'quota-used-up' }]
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { errorClasses })] })
    for (const client of ['claude', 'chat'] as const) {
      const error = await readError(client, await ask(relay, client))
      expect(error.status).toBe(toldTo(529, 503)[client])
      expect(error.message).not.toContain('wallet')
    }
    expect((await relay.store.listAccounts())[0]?.state.attention).toMatchObject({ reason: 'billing' })
  })

  test.for(['http', 'socks5'] as const)('it is reached through its %s proxy', async (kind, context) => {
    const stage = openStage(context)
    const credential = { username: 'relay', password: 'proxy-password-1' }
    const proxy = await startFakeProxy({ kind, credential })
    context.onTestFinished(() => proxy.close())
    const upstream = await stage.upstream(canned('chat').script)
    const proxyUrl = `${kind}://relay:proxy-password-1@127.0.0.1:${proxy.port}`
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { proxyUrl })] })

    const answer = readStream('claude', await (await ask(relay, 'claude')).text())

    expect(answer).toMatchObject({ text: STORY, isComplete: true })
    expect(proxy.ends).toEqual([`127.0.0.1:${upstream.port}`])
    expect(relay.log()).not.toContain('proxy-password-1')
  })

  test('an answer that names another model is reported', async (context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('chat', { model: 'cheap-model' }).script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat', { models: { fine: 'fine-model' } })] })

    await (await ask(relay, 'claude', { body: { model: 'fine' } })).text()

    expect(await relay.records(1)).toMatchObject([{ modelAsked: 'fine', modelServed: 'cheap-model' }])
    expect(relay.log()).toContain('names another model than was asked for')
  })
})
