import assert from 'node:assert/strict'

import type { StoreCase } from './stage.ts'
import { accountInput, expectCode, soon } from './stage.ts'

/** Proxies, quotas and what else an account has beside its address and credential. */
export const ACCOUNT_SETTINGS_CASES: readonly StoreCase[] = [
  {
    name: "a proxy's password is shown nowhere and opened whole",
    play: async ({ first, second }) => {
      const proxyUrl = 'socks5://relay:s%2Fecret-pw@proxy.example:1080'
      const account = await first.createAccount(accountInput({ proxyUrl }))
      assert.deepEqual([account.proxyUrl, account.hasProxyPassword], ['socks5://relay@proxy.example:1080', true])
      assert.ok(!JSON.stringify(await first.listAccounts()).includes('ecret-pw'))
      await soon(async () => (await second.getAccount(account.id)) !== undefined)
      assert.deepEqual(await second.openProxyUrl(account.id), { type: 'opened', proxyUrl })
    },
  },
  {
    name: 'a proxy entered as it was shown keeps its password, another one replaces it',
    play: async ({ first }) => {
      const { id } = await first.createAccount(accountInput({ proxyUrl: 'http://a:secret@proxy.example:8080' }))
      await first.updateAccount(id, { proxyUrl: 'http://a@proxy.example:8080', name: 'renamed' })
      assert.deepEqual(await first.openProxyUrl(id), { type: 'opened', proxyUrl: 'http://a:secret@proxy.example:8080' })
      await first.updateAccount(id, { proxyUrl: 'http://a@other.example:8080' })
      assert.deepEqual(await first.openProxyUrl(id), { type: 'opened', proxyUrl: 'http://a@other.example:8080' })
      const none = await first.updateAccount(id, { proxyUrl: null })
      assert.deepEqual([none.proxyUrl, none.hasProxyPassword], [undefined, false])
      assert.deepEqual(await first.openProxyUrl(id), { type: 'none' })
    },
  },
  {
    name: 'a stored credential never goes to a new proxy in the clear',
    play: async ({ first }) => {
      const plain = { name: 'plain', baseUrl: 'http://upstream.example', credential: 'sk-0123456789ab' }
      const open = await first.createAccount(accountInput(plain))
      const sealed = await first.createAccount(accountInput({ credential: 'sk-0123456789ab' }))
      const change = { proxyUrl: 'http://proxy.example:8080' }
      await expectCode('credential-required', first.updateAccount(open.id, change))
      await first.updateAccount(open.id, { ...change, credential: 'sk-0123456789ab' })
      await first.updateAccount(sealed.id, change)
    },
  },
  {
    name: 'a stored credential never goes to a proxy that an authority of its own lets play the server',
    play: async ({ first }) => {
      const tlsCa = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
      const change = { proxyUrl: 'http://proxy.example:8080' }
      const trusting = await first.createAccount(accountInput({ name: 'a', credential: 'sk-0123456789ab', tlsCa }))
      const tunnelled = await first.createAccount(accountInput({ name: 'b', credential: 'sk-0123456789ab', ...change }))
      await expectCode('credential-required', first.updateAccount(trusting.id, change))
      await expectCode('credential-required', first.updateAccount(tunnelled.id, { tlsCa }))
      await first.updateAccount(trusting.id, { ...change, credential: 'sk-0123456789ab' })
      await first.updateAccount(trusting.id, { name: 'renamed' })
    },
  },
  {
    name: 'fields that may be missing are cleared with null, and policies change in the fields that are named',
    play: async ({ first }) => {
      const { id } = await first.createAccount(
        accountInput({ expiresAt: 9, dailyQuota: { limitMicroUsd: 1 }, cooldownPolicy: { firstMs: 700 } }),
      )
      const changed = await first.updateAccount(id, { expiresAt: null, cooldownPolicy: { longestMs: 800 } })
      assert.equal(changed.expiresAt, undefined)
      assert.deepEqual(changed.dailyQuota, { limitMicroUsd: 1, resetTime: '00:00', timeZone: 'UTC' })
      assert.deepEqual([changed.cooldownPolicy.firstMs, changed.cooldownPolicy.longestMs], [700, 800])
      assert.equal((await first.updateAccount(id, { dailyQuota: null })).dailyQuota, undefined)
    },
  },
  {
    name: 'what an account costs is counted over all nodes and starts again with the next day of its zone',
    play: async ({ first, second, clock }) => {
      const dailyQuota = { limitMicroUsd: 100, resetTime: '08:00', timeZone: 'Asia/Shanghai' }
      const { id } = await first.createAccount(accountInput({ dailyQuota }))
      await soon(async () => (await second.getAccount(id)) !== undefined)
      await Promise.all([first.recordAccountCost(id, 30), second.recordAccountCost(id, 12)])
      const used = async (): Promise<number | undefined> => (await first.getAccount(id))?.state.quota?.usedMicroUsd
      await soon(async () => (await used()) === 42)
      const resetsAt = (await first.getAccount(id))?.state.quota?.resetsAt ?? 0
      assert.equal(new Date(resetsAt).toISOString().slice(11), '00:00:00.000Z')
      assert.ok(resetsAt > clock.now() && resetsAt <= clock.now() + 86_400_000)
      clock.move(resetsAt - clock.now())
      await first.recordAccountCost(id, 5)
      assert.equal(await used(), 5)
    },
  },
  {
    name: 'cost is not counted without a quota, and a removed account is no error',
    play: async ({ first }) => {
      const { id } = await first.createAccount(accountInput())
      await first.recordAccountCost(id, 30)
      assert.equal((await first.getAccount(id))?.state.quota, undefined)
      await first.removeAccount(id)
      await first.recordAccountCost(id, 30)
      await first.noteRefusedParameter(id, { model: 'gpt', parameter: 'top_k' })
    },
  },
  {
    name: 'a refused parameter is remembered for its model until the account is edited or cleared',
    play: async ({ first, second, clock }) => {
      const { id } = await first.createAccount(accountInput())
      await soon(async () => (await second.getAccount(id)) !== undefined)
      await first.noteRefusedParameter(id, { model: 'gpt', parameter: 'top_k' })
      await second.noteRefusedParameter(id, { model: 'gpt', parameter: 'top_k' })
      const refused = async (): Promise<unknown> => (await second.getAccount(id))?.state.refusedParameters
      await soon(async () => ((await second.getAccount(id))?.state.refusedParameters.length ?? 0) > 0)
      assert.deepEqual(await refused(), [{ model: 'gpt', parameter: 'top_k', at: clock.now() }])
      await second.clearAccountState(id)
      assert.deepEqual(await refused(), [])
      await second.noteRefusedParameter(id, { model: 'gpt', parameter: 'seed' })
      await second.updateAccount(id, { weight: 2 })
      assert.deepEqual(await refused(), [])
    },
  },
  {
    name: 'settings that make no sense are refused by name, without what they hold',
    play: async ({ first }) => {
      const wrong: readonly (readonly [field: string, input: object])[] = [
        ['proxyUrl ', { proxyUrl: 'ftp://a:canary@proxy.example' }],
        ['proxyUrl ', { proxyUrl: 'http://a:canary@proxy.example/path' }],
        ['tlsCa ', { tlsCa: 'canary' }],
        ['tlsCa ', { tlsCa: `${CERTIFICATE}\n-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----` }],
        ['dailyQuota.timeZone ', { dailyQuota: { limitMicroUsd: 1, timeZone: 'Mars/Base' } }],
        ['dailyQuota.resetTime ', { dailyQuota: { limitMicroUsd: 1, resetTime: '24:00' } }],
        ['currency ', { currency: 'usd' }],
        ['priceMultiplier ', { priceMultiplier: -1 }],
        ['cooldownPolicy.longestMs ', { cooldownPolicy: { firstMs: 5000, longestMs: 4000 } }],
        ['errorClasses[0] ', { errorClasses: [{ class: 'billing' }] }],
        ['tags[0] ', { tags: [''] }],
      ]
      for (const [field, input] of wrong) {
        const message = await expectCode('invalid-input', first.createAccount(accountInput(input)))
        assert.ok(message.startsWith(field), message)
        assert.ok(!message.includes('canary'), message)
      }
      assert.deepEqual(await first.listAccounts(), [])
    },
  },
]

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
