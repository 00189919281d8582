import type { BudgetHolder } from '@relay/account-store'

import { refuse } from './admin-answer.ts'
import { holderInputSchema, holderKindSchema, holderListSchema } from './contract/index.ts'
import type { HolderList } from './contract/index.ts'
import { viewHolders } from './holder-view.ts'
import type { AdminRouter } from './router.ts'

/** Owners and teams of keys: limits that hold for all their keys together. */
export function addHolderRoutes({ rooms: { store }, add }: AdminRouter): void {
  async function list(): Promise<HolderList> {
    return { holders: await viewHolders(store, Date.now()) }
  }

  add(
    {
      method: 'GET',
      path: '/holders',
      summary: 'Lists the owners and teams that have limits of their own, with what of them is used up.',
      role: 'auditor',
      scope: 'keys:read',
      answer: holderListSchema,
    },
    list,
  )
  add(
    {
      method: 'PUT',
      path: '/holders',
      summary: 'Sets limits of an owner or a team; fields that are left out stay.',
      role: 'operator',
      scope: 'keys:write',
      body: holderInputSchema,
      answer: holderListSchema,
    },
    async ({ body, note }) => {
      const before = await store.getBudgetHolder(body)
      const after = await store.setBudgetHolder(body)
      await note({ action: 'holder.update', object: toObject(after), before, after })
      return list()
    },
  )
  add(
    {
      method: 'DELETE',
      path: '/holders/:kind/:name',
      summary: 'Takes the limits of an owner or a team away; what was counted stays.',
      role: 'operator',
      scope: 'keys:write',
      answer: holderListSchema,
    },
    async ({ context, part, note }) => {
      const kind = holderKindSchema.safeParse(part('kind'))
      if (!kind.success) return refuse(context, { code: 'not-found', message: 'There are owners and teams only.' })
      const place = { kind: kind.data, name: part('name') }
      const before = await store.getBudgetHolder(place)
      await store.removeBudgetHolder(place)
      await note({ action: 'holder.remove', object: toObject(place), before })
      return list()
    },
  )
}

function toObject({ kind, name }: Pick<BudgetHolder, 'kind' | 'name'>): { kind: string; id: string; name: string } {
  return { kind, id: name, name }
}
