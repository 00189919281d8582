import type { SettingRoom } from '@relay/account-store'

import { type RoutingSettings, routingSettingsSchema, USUAL_ROUTING } from '../../config/routing-settings.ts'

/** The settings of the store that hold them, as JSON; those of the configuration file count where there are any. */
export const ROUTING_SETTINGS = { operator: 'routing', file: 'routing.file' } as const

/** The routing settings in force, and who decides them. */
export interface StoredRouting {
  readonly settings: RoutingSettings
  readonly managedBy: 'operator' | 'config'
}

/** @throws StoreError when the store is away, SyntaxError or ZodError when a newer Relay has written them */
export async function readStoredRouting(store: SettingRoom): Promise<StoredRouting> {
  const file = await store.readSetting(ROUTING_SETTINGS.file)
  const text = file ?? (await store.readSetting(ROUTING_SETTINGS.operator))
  return {
    settings: text === undefined ? USUAL_ROUTING : routingSettingsSchema.parse(JSON.parse(text)),
    managedBy: file === undefined ? 'operator' : 'config',
  }
}

/** Replaces the operator's settings; they hold on every node within a second, unless the configuration file has its own. */
export async function writeStoredRouting(store: SettingRoom, settings: RoutingSettings): Promise<void> {
  const isUsual = JSON.stringify(settings) === JSON.stringify(USUAL_ROUTING)
  await store.writeSetting(ROUTING_SETTINGS.operator, isUsual ? undefined : JSON.stringify(settings))
}
