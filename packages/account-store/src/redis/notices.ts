import { checkName } from '../check-field.ts'
import type { NoticeRoom } from '../store/notice-room.ts'
import type { RedisContext } from './context.ts'

const MAX_NAME_CHARACTERS = 300

/** Notices in Redis. */
export function createNoticeRoom({ link, keys, now }: RedisContext): NoticeRoom {
  return {
    claimNotice: async (name, untilMs) => {
      const checked = checkName('name', name, MAX_NAME_CHARACTERS)
      const lifeMs = Math.max(1, Math.round(untilMs - now()))
      const [answer] = await link.send(['SET', keys.notice(checked), '1', 'PX', String(lifeMs), 'NX'])
      return answer === 'OK'
    },
  }
}
