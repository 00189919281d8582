import { checkName } from '../check-field.ts'
import type { NoticeRoom } from '../store/notice-room.ts'
import type { StoreContext } from './context.ts'

const MAX_NAME_CHARACTERS = 300

/** Notices in the embedded store. */
export function createNoticeRoom({ fast, now }: StoreContext): NoticeRoom {
  const claim = fast.prepare(`
    INSERT INTO notices (name, expires_at) VALUES (:name, :untilMs)
    ON CONFLICT (name) DO UPDATE SET expires_at = :untilMs WHERE expires_at <= :now`)
  const removeOld = fast.prepare('DELETE FROM notices WHERE expires_at <= :now AND name <> :name')

  return {
    claimNotice: async (name, untilMs) => {
      const checked = checkName('name', name, MAX_NAME_CHARACTERS)
      return fast.transaction(() => {
        removeOld.run({ now: now(), name: checked })
        return claim.run({ name: checked, untilMs: Math.round(untilMs), now: now() }) === 1
      })
    },
  }
}
