import { basename } from 'node:path'

import { readUsageRetention, writeUsageRetention } from '../meter/usage-retention.ts'
import { readAuditRetention, writeAuditRetention } from '../upkeep/audit-retention.ts'
import { refuse } from './admin-answer.ts'
import { backupListSchema, networkGuardSchema, retentionSchema } from './contract/index.ts'
import type { BackupList, Retention } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

/** How long things are kept, backups, and what the network guard lets through. */
export function addUpkeepRoutes(router: AdminRouter): void {
  addRetentionRoutes(router)
  addBackupRoutes(router)
  const { add, rooms } = router
  add(
    {
      method: 'GET',
      path: '/network-guard',
      summary: 'Says which private addresses upstreams may have; the environment decides it.',
      role: 'auditor',
      scope: 'settings:read',
      answer: networkGuardSchema,
    },
    async () => ({ allowPrivate: [...rooms.network.allowPrivate], allowLoopback: rooms.network.allowLoopback }),
  )
}

function addRetentionRoutes({ rooms: { store }, add }: AdminRouter): void {
  async function read(): Promise<Retention> {
    const [usage, auditDays] = await Promise.all([readUsageRetention(store), readAuditRetention(store)])
    return { ...usage, auditDays }
  }

  add(
    {
      method: 'GET',
      path: '/settings/retention',
      summary: 'Says for how many days usage and the log of actions are kept.',
      role: 'auditor',
      scope: 'settings:read',
      answer: retentionSchema,
    },
    read,
  )
  add(
    {
      method: 'PUT',
      path: '/settings/retention',
      summary: 'Decides for how many days usage and the log of actions are kept; older ones are removed for good.',
      role: 'admin',
      scope: 'settings:write',
      body: retentionSchema,
      answer: retentionSchema,
    },
    async ({ body: { auditDays, ...usage }, note }) => {
      const before = await read()
      await writeUsageRetention(store, usage)
      await writeAuditRetention(store, auditDays)
      const after = await read()
      await note({
        action: 'settings.update',
        object: { kind: 'setting', id: 'retention', name: 'retention' },
        before,
        after,
      })
      return after
    },
  )
}

function addBackupRoutes({ rooms: { backups }, add }: AdminRouter): void {
  async function list(): Promise<BackupList> {
    const { isEmbedded, kept } = backups
    return { isEmbedded, kept, backups: [...(await backups.list())] }
  }

  add(
    {
      method: 'GET',
      path: '/backups',
      summary: 'Lists the backups in the data folder of this node, newest first.',
      role: 'operator',
      scope: 'backup',
      answer: backupListSchema,
    },
    list,
  )
  add(
    {
      method: 'POST',
      path: '/backups',
      summary: 'Makes a backup of the embedded store now and proves it.',
      role: 'admin',
      scope: 'backup',
      answer: backupListSchema,
    },
    async ({ context, note }) => {
      if (!backups.isEmbedded) {
        const message = 'The store is Redis: its backups are made with the command relay backup.'
        return refuse(context, { code: 'conflict', message })
      }
      const { path, bytes } = await backups.make()
      await note({
        action: 'backup.create',
        object: { kind: 'backup', id: path, name: basename(path) },
        after: { bytes },
      })
      return list()
    },
  )
}
