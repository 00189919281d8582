import type { AccountStore } from '@relay/account-store'
import { LOSS_CODES } from '@relay/format-converter'

import { refuse } from './admin-answer.ts'
import { acceptedLossListSchema, acceptLossSchema } from './contract/index.ts'
import type { AcceptedLossList } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

/** Standing losses that are accepted: recorded, and neither shown nor refused any more. */
export function addAcceptedLossRoutes({ rooms: { store }, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/accepted-losses',
      summary: 'Lists the losses that are accepted, of all accounts, with who accepted them and when.',
      role: 'auditor',
      scope: 'conversion:read',
      answer: acceptedLossListSchema,
    },
    async () => listAccepted(store),
  )
  add(
    {
      method: 'POST',
      path: '/accepted-losses',
      summary: 'Accepts a standing loss for an account: it is recorded, and neither shown nor refused any more.',
      role: 'operator',
      scope: 'conversion:write',
      body: acceptLossSchema,
      answer: acceptedLossListSchema,
    },
    async ({ context, body: { accountId, code }, caller, note }) => {
      const account = await store.getAccount(accountId)
      if (account === undefined) return refuse(context, { code: 'not-found', message: 'There is no such account.' })
      if (!LOSS_CODES.some((known) => known === code))
        return refuse(context, { code: 'invalid-request', message: 'This is no code of a loss.', field: 'code' })
      const others = account.acceptedLosses.filter((loss) => loss.code !== code)
      await store.updateAccount(accountId, {
        acceptedLosses: [...others, { code, by: caller.userName, at: Date.now() }],
      })
      await note({
        action: 'loss.accept',
        object: { kind: 'account', id: accountId, name: account.name },
        after: { code },
      })
      return listAccepted(store)
    },
  )
  add(
    {
      method: 'DELETE',
      path: '/accepted-losses/:accountId/:code',
      summary: 'Takes an acceptance back: the loss counts again.',
      role: 'operator',
      scope: 'conversion:write',
      answer: acceptedLossListSchema,
    },
    async ({ context, part, note }) => {
      const account = await store.getAccount(part('accountId'))
      if (account === undefined) return refuse(context, { code: 'not-found', message: 'There is no such account.' })
      const code = part('code')
      await store.updateAccount(account.id, {
        acceptedLosses: account.acceptedLosses.filter((loss) => loss.code !== code),
      })
      await note({
        action: 'loss.refuse',
        object: { kind: 'account', id: account.id, name: account.name },
        before: { code },
      })
      return listAccepted(store)
    },
  )
}

async function listAccepted(store: AccountStore): Promise<AcceptedLossList> {
  const accounts = await store.listAccounts()
  const losses = accounts.flatMap(({ id, name, acceptedLosses }) =>
    acceptedLosses.map(({ code, by, at }) => ({ accountId: id, accountName: name, code, by, at })),
  )
  return { losses: losses.toSorted((one, other) => other.at - one.at) }
}
