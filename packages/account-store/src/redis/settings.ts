import { checkName, refuseField } from '../check-field.ts'
import { withSealedSettings } from '../sealed-settings.ts'
import type { SettingRoom } from '../store/setting-room.ts'
import type { RedisContext } from './context.ts'
import { toText } from './reply.ts'
import { transact } from './transaction.ts'

const MAX_VALUE_CHARACTERS = 65_536

/** Settings in Redis. */
export function createSettingRoom(context: RedisContext): SettingRoom {
  async function readSetting(name: string): Promise<string | undefined> {
    return toText((await context.link.send(['HGET', context.keys.settings, name]))[0])
  }

  async function writeSetting(name: string, value: string | undefined): Promise<void> {
    const checked = checkName('name', name)
    if (value !== undefined && value.length > MAX_VALUE_CHARACTERS) {
      refuseField('value', `has ${value.length} characters, allowed are ${MAX_VALUE_CHARACTERS}`)
    }
    await transact(context, 'config-guard', async (transaction) => {
      if (value === undefined) transaction.remove('settings', checked)
      else transaction.put('settings', checked, value)
    })
  }

  return withSealedSettings({ readSetting, writeSetting }, context.box)
}
