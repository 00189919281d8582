import { aboutSchema } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

/** What is running here. */
export function addAboutRoute({ rooms: { store, version, backups }, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/about',
      summary: 'Says which version runs on what, and how the store is.',
      role: 'auditor',
      scope: 'settings:read',
      answer: aboutSchema,
    },
    async () => {
      const { backend, schemaVersion, isWritable, usageQueue } = await store.checkHealth()
      const [newest] = await backups.list()
      const { waiting, dropped } = usageQueue
      return {
        version,
        node: process.version,
        store: { backend, schemaVersion, isWritable },
        usageQueue: { waiting, dropped },
        newestBackupAt: newest?.at,
      }
    },
  )
}
