import type { Grace } from '../away/grace.ts'
import { checkName, refuseField } from '../check-field.ts'
import { withSealedSettings } from '../sealed-settings.ts'
import type { SettingRoom } from '../store/setting-room.ts'
import type { RedisContext } from './context.ts'
import { toText } from './reply.ts'
import { transact } from './transaction.ts'

const MAX_VALUE_CHARACTERS = 65_536

/** Settings whose last value is remembered. */
const MAX_REMEMBERED = 1000

/** Settings in Redis. While it is away a setting is what it was when it was last read: requests look at some of them. */
export function createSettingRoom(context: RedisContext, grace: Grace): SettingRoom {
  const remembered = new Map<string, string | undefined>()

  async function readSetting(name: string): Promise<string | undefined> {
    try {
      const value = toText((await context.link.hurried.send(['HGET', context.keys.settings, name]))[0])
      if (remembered.size < MAX_REMEMBERED || remembered.has(name)) remembered.set(name, value)
      return value
    } catch (error) {
      if (!grace.covers(error) || !remembered.has(name)) throw error
      return remembered.get(name)
    }
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
