import { checkName, refuseField } from './check-field.ts'
import type { SecretBox } from './crypto/secret-box.ts'
import type { SettingRoom } from './store/setting-room.ts'

/** In front of the names of sealed settings, which lie among the others; a rotation of the key seals these anew. */
export const SEALED_SETTING_PREFIX = 'sealed.'

/** Sealed text is longer than its plain text by a third. */
const MAX_SECRET_CHARACTERS = 40_000

type PlainRoom = Pick<SettingRoom, 'readSetting' | 'writeSetting'>

/** What the sealed text of a setting is bound to: moved to another name it does not open. */
export function settingContext(name: string): string {
  return `setting:${name}`
}

/** A backend's room for settings, completed with the sealed ones. */
export function withSealedSettings(room: PlainRoom, box: SecretBox): SettingRoom {
  async function readSealedSetting(name: string): Promise<string | undefined> {
    const sealed = await room.readSetting(SEALED_SETTING_PREFIX + name)
    return sealed === undefined ? undefined : box.open(sealed, settingContext(name))
  }

  async function writeSealedSetting(name: string, value: string | undefined): Promise<void> {
    const place = SEALED_SETTING_PREFIX + checkName('name', name)
    if (value !== undefined && value.length > MAX_SECRET_CHARACTERS) {
      refuseField('value', `has ${value.length} characters, allowed are ${MAX_SECRET_CHARACTERS}`)
    }
    await room.writeSetting(place, value === undefined ? undefined : box.seal(value, settingContext(name)))
  }

  return { ...room, readSealedSetting, writeSealedSetting }
}
