import type { Account, AccountStore } from '@relay/account-store'
import { testAccount } from '@relay/upstreams'
import type { Sender } from '@relay/upstreams'

import { applyProbe } from '../diagnose/apply-probe.ts'
import { probeStoredAccount } from '../diagnose/probe-stored-account.ts'
import { isGoodTest, testStoredAccount } from '../diagnose/test-stored-account.ts'
import { auditFields } from '../observe/deed.ts'
import { checkAccount } from './account-check.ts'
import { accountObject, MAX_ACCOUNT_BYTES, requireAccount, viewOne } from './account-routes.ts'
import type { AccountTest, DraftTestInput } from './contract/index.ts'
import {
  accountProbeSchema,
  accountSchema,
  accountTestInputSchema,
  accountTestSchema,
  draftTestInputSchema,
  probeApplySchema,
} from './contract/index.ts'
import type { AdminRouter } from './router.ts'

/** Small real requests to accounts: the test before saving and after it, and the probe. */
export function addAccountTestRoutes(router: AdminRouter): void {
  addTests(router)
  addProbe(router)
}

function addTests({ rooms, add }: AdminRouter): void {
  const { store, sender } = rooms
  add(
    {
      method: 'POST',
      path: '/accounts/:id/test',
      summary: 'Tests an account with small real requests; a good one is back in routing at once.',
      role: 'operator',
      scope: 'accounts:write',
      body: accountTestInputSchema,
      answer: accountTestSchema,
    },
    async ({ context, body, part, note }) => {
      const account = await requireAccount(store, part('id'))
      const { signal } = context.req.raw
      const { isGood, report } = await testStoredAccount({ store, sender }, { account, model: body.model, signal })
      await note({ action: 'account.test', object: accountObject(account), after: { isGood, model: report.model } })
      return { isGood, ...report }
    },
  )
  add(
    {
      method: 'POST',
      path: '/account-test',
      summary: 'Tests an account that is not saved yet, with small real requests.',
      role: 'operator',
      scope: 'accounts:write',
      body: draftTestInputSchema,
      answer: accountTestSchema,
      maxBodyBytes: MAX_ACCOUNT_BYTES,
    },
    async ({ context, body }) => testDraft({ store, sender, signal: context.req.raw.signal }, body),
  )
}

function addProbe({ rooms, add }: AdminRouter): void {
  const { store, sender } = rooms
  add(
    {
      method: 'POST',
      path: '/accounts/:id/probe',
      summary: 'Finds out the dialect of an upstream and what it would change in the account; changes nothing.',
      role: 'operator',
      scope: 'accounts:write',
      body: accountTestInputSchema,
      answer: accountProbeSchema,
    },
    async ({ context, body, part }) => {
      const account = await requireAccount(store, part('id'))
      const { signal } = context.req.raw
      const { report, changes } = await probeStoredAccount({ store, sender }, { account, model: body.model, signal })
      const { apiFormat, model, test, steps } = report
      return {
        apiFormat,
        model,
        test: { isGood: isGoodTest(test), ...test },
        steps: steps.map((step) => ({ ...step })),
        changes: changes.map((change) => ({ ...change })),
      }
    },
  )
  add(
    {
      method: 'POST',
      path: '/accounts/:id/probe-changes',
      summary: 'Writes confirmed findings of a probe into the account.',
      role: 'operator',
      scope: 'accounts:write',
      body: probeApplySchema,
      answer: accountSchema,
    },
    async ({ body, part, note }) => {
      const before = await requireAccount(store, part('id'))
      const changes = body.changes.map(({ path, before: old, after }) => ({ path, before: old, after }))
      const account = await applyProbe(store, before, changes)
      await note({
        action: 'account.apply-probe',
        object: accountObject(account),
        before: auditFields(before),
        after: auditFields(account),
      })
      return viewOne({ rooms }, account)
    },
  )
}

interface DraftRooms {
  readonly store: AccountStore
  readonly sender: Sender
  readonly signal: AbortSignal
}

async function testDraft({ store, sender, signal }: DraftRooms, draft: DraftTestInput): Promise<AccountTest> {
  const { account, accountId, model } = draft
  checkAccount(account)
  const saved = accountId === undefined ? undefined : await requireAccount(store, accountId)
  const credential = account.credential ?? (await savedCredential(store, account, saved))
  // An id of its own: connections of the saved account may go through another proxy.
  const target = { ...account, id: `draft of ${accountId ?? 'a new account'}` }
  const report = await testAccount({ sender, account: target, credential, model, signal })
  return { isGood: isGoodTest(report), ...report }
}

/** A stored secret is for the addresses it was entered for: with another one it has to be entered again. */
async function savedCredential(
  store: AccountStore,
  { baseUrl, formatBaseUrls = {} }: DraftTestInput['account'],
  saved: Account | undefined,
): Promise<string | undefined> {
  if (saved === undefined) return undefined
  const known = new Set<unknown>(Object.values({ ...saved.formatBaseUrls, own: saved.baseUrl }))
  const isSame = Object.values(formatBaseUrls).every((url) => url === undefined || known.has(url))
  if (!isSame || saved.baseUrl !== baseUrl) return undefined
  const opened = await store.openCredential(saved.id)
  return opened.type === 'opened' ? opened.credential : undefined
}
