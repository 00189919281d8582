import type { sessionsWords as english } from '../en/sessions.ts'
import type { SameKeys } from '../words.ts'

/** In simplified Chinese: `sessions`. */
export const sessionsWords: SameKeys<typeof english> = {
  sessions: {
    title: '你的会话',
    lead: '你在这些地方登录了。不认识的请结束它。',
    current: '当前会话',
    unknownAgent: '未知浏览器',
    signedIn: '登录时间',
    lastSeen: '最近使用',
    expires: '最晚结束于',
    address: '地址',
    end: '结束会话',
    failed: '无法加载你的会话',
  },
}
