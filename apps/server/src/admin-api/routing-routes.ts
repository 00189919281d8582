import { readStoredRouting, writeStoredRouting } from '../relay/choose/stored-routing.ts'
import { refuse } from './admin-answer.ts'
import { routingInputSchema, routingSchema } from './contract/index.ts'
import type { RoutingView } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

const OBJECT = { kind: 'setting', id: 'routing', name: 'routing' } as const

/** How requests find their accounts: strategy, model aliases, fallback chains. */
export function addRoutingRoutes({ rooms: { store }, add }: AdminRouter): void {
  async function read(): Promise<RoutingView> {
    const { settings, managedBy } = await readStoredRouting(store)
    return { settings: { ...settings }, managedBy }
  }

  add(
    {
      method: 'GET',
      path: '/settings/routing',
      summary: 'Shows how requests find their accounts: strategy, model aliases, fallback chains.',
      role: 'auditor',
      scope: 'settings:read',
      answer: routingSchema,
    },
    read,
  )
  add(
    {
      method: 'PUT',
      path: '/settings/routing',
      summary: 'Replaces the routing settings; they hold on every node within a second. What is left out is as usual.',
      role: 'operator',
      scope: 'settings:write',
      body: routingInputSchema,
      answer: routingSchema,
    },
    async ({ context, body, note }) => {
      const before = await read()
      if (before.managedBy === 'config') {
        const message = 'The configuration file decides the routing; change it there.'
        return refuse(context, { code: 'managed-by-config', message })
      }
      await writeStoredRouting(store, body)
      await note({ action: 'settings.update', object: OBJECT, before: before.settings, after: body })
      return read()
    },
  )
}
