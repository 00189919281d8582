import { checkName, refuseField } from '../check-field.ts'
import { readText } from '../rows/row.ts'
import { withSealedSettings } from '../sealed-settings.ts'
import type { SettingRoom } from '../store/setting-room.ts'
import type { StoreContext } from './context.ts'

const MAX_VALUE_CHARACTERS = 65_536

/** Settings in the embedded store. */
export function createSettingRoom({ durable, box }: StoreContext): SettingRoom {
  const select = durable.prepare('SELECT value FROM settings WHERE name = :name')
  const put = durable.prepare(`
    INSERT INTO settings (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value`)
  const remove = durable.prepare('DELETE FROM settings WHERE name = :name')

  async function readSetting(name: string): Promise<string | undefined> {
    const row = select.get({ name })
    return row === undefined ? undefined : readText(row, 'value')
  }

  async function writeSetting(name: string, value: string | undefined): Promise<void> {
    const checked = checkName('name', name)
    if (value === undefined) {
      remove.run({ name: checked })
      return
    }
    if (value.length > MAX_VALUE_CHARACTERS) {
      refuseField('value', `has ${value.length} characters, allowed are ${MAX_VALUE_CHARACTERS}`)
    }
    put.run({ name: checked, value })
  }

  return withSealedSettings({ readSetting, writeSetting }, box)
}
