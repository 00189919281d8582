import { StoreError } from '@relay/account-store'
import type { AccountStore, AuditObject, RelayKey } from '@relay/account-store'

import {
  bulkOutcomeSchema,
  issuedKeySchema,
  keyBulkSchema,
  keyChangeSchema,
  keyInputSchema,
  keyRotateSchema,
  keyListSchema,
  keySchema,
} from './contract/index.ts'
import type { KeyBulk, KeyList, KeyView } from './contract/index.ts'
import { viewKeys } from './key-view.ts'
import type { AdminRouter } from './router.ts'

/** Relay keys: what clients show us. */
export function addKeyRoutes(router: AdminRouter): void {
  addReading(router)
  addMaking(router)
  addChanging(router)
}

function addReading({ rooms: { store }, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/keys',
      summary: 'Lists relay keys with their bounds and what is used up, by age; revoked ones too.',
      role: 'auditor',
      scope: 'keys:read',
      answer: keyListSchema,
    },
    async () => listKeys(store),
  )
  add(
    {
      method: 'GET',
      path: '/keys/:id',
      summary: 'Shows one relay key.',
      role: 'auditor',
      scope: 'keys:read',
      answer: keySchema,
    },
    async ({ part }) => viewOne(store, await requireKey(store, part('id'))),
  )
}

function addMaking({ rooms: { store }, add }: AdminRouter): void {
  add(
    {
      method: 'POST',
      path: '/keys',
      summary: 'Makes a relay key; the secret is in this answer only.',
      role: 'operator',
      scope: 'keys:write',
      body: keyInputSchema,
      answer: issuedKeySchema,
    },
    async ({ body, note }) => {
      const { relayKey, secret } = await store.createRelayKey(body)
      await note({ action: 'key.create', object: keyObject(relayKey), after: relayKey })
      return { key: await viewOne(store, relayKey), secret }
    },
  )
  add(
    {
      method: 'POST',
      path: '/keys/bulk',
      summary: 'Does one thing to several keys; tells of each whether it worked.',
      role: 'operator',
      scope: 'keys:write',
      body: keyBulkSchema,
      answer: bulkOutcomeSchema,
    },
    async ({ body, note }) => {
      const outcomes = []
      for (const id of body.ids) {
        const key = await store.getRelayKey(id)
        const problem = await tryAction(store, key, body.action)
        outcomes.push({ id, name: key?.name ?? id, problem })
        if (key !== undefined && problem === undefined)
          await note({ action: `key.${body.action}`, object: keyObject(key) })
      }
      return { outcomes }
    },
  )
}

function addChanging({ rooms: { store }, add }: AdminRouter): void {
  add(
    {
      method: 'PATCH',
      path: '/keys/:id',
      summary: 'Changes fields of a relay key; in force on every node within a second.',
      role: 'operator',
      scope: 'keys:write',
      body: keyChangeSchema,
      answer: keySchema,
    },
    async ({ body, part, note }) => {
      const before = await requireKey(store, part('id'))
      const after = await store.updateRelayKey(before.id, body)
      await note({ action: 'key.update', object: keyObject(after), before, after })
      return viewOne(store, after)
    },
  )
  add(
    {
      method: 'POST',
      path: '/keys/:id/rotate',
      summary:
        'Gives a relay key a new secret, which is in this answer only; the old one works on for a while if asked.',
      role: 'operator',
      scope: 'keys:write',
      body: keyRotateSchema,
      answer: issuedKeySchema,
    },
    async ({ body, part, note }) => {
      const { relayKey, secret } = await store.rotateRelayKey(part('id'), body)
      await note({ action: 'key.rotate', object: keyObject(relayKey), after: body })
      return { key: await viewOne(store, relayKey), secret }
    },
  )
  add(
    {
      method: 'DELETE',
      path: '/keys/:id',
      summary: 'Revokes a relay key: it is refused from now on and can be restored.',
      role: 'operator',
      scope: 'keys:write',
      answer: keySchema,
    },
    async ({ part, note }) => {
      const key = await store.revokeRelayKey(part('id'))
      await note({ action: 'key.revoke', object: keyObject(key) })
      return viewOne(store, key)
    },
  )
  add(
    {
      method: 'POST',
      path: '/keys/:id/restore',
      summary: 'Makes a revoked relay key work again, with the secret it had.',
      role: 'operator',
      scope: 'keys:write',
      answer: keySchema,
    },
    async ({ part, note }) => {
      const key = await store.restoreRelayKey(part('id'))
      await note({ action: 'key.restore', object: keyObject(key) })
      return viewOne(store, key)
    },
  )
}

async function listKeys(store: AccountStore): Promise<KeyList> {
  const now = Date.now()
  return { now, keys: await viewKeys(store, await store.listRelayKeys({ includeRevoked: true }), now) }
}

async function viewOne(store: AccountStore, key: RelayKey): Promise<KeyView> {
  const [view] = await viewKeys(store, [key], Date.now())
  if (view === undefined) throw new Error('one key has one view')
  return view
}

/** @throws StoreError `not-found` */
async function requireKey(store: AccountStore, id: string): Promise<RelayKey> {
  const key = await store.getRelayKey(id)
  if (key === undefined) throw new StoreError('not-found', `there is no relay key ${id.slice(0, 100)}`)
  return key
}

function keyObject({ id, name }: RelayKey): AuditObject {
  return { kind: 'relay-key', id, name }
}

/** @returns why it did not work, if so */
async function tryAction(
  store: AccountStore,
  key: RelayKey | undefined,
  action: KeyBulk['action'],
): Promise<string | undefined> {
  if (key === undefined) return 'there is no such key'
  try {
    if (action === 'revoke') await store.revokeRelayKey(key.id)
    else if (action === 'restore') await store.restoreRelayKey(key.id)
    else await store.updateRelayKey(key.id, { enabled: action === 'enable' })
    return undefined
  } catch (error) {
    if (StoreError.is(error)) return error.message
    throw error
  }
}
