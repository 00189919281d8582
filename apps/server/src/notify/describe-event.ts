import type { RelayEvent } from '../observe/events.ts'

/** The language of a message. */
export type Language = 'en' | 'zh'

/** An event in words. */
export interface Words {
  readonly title: string
  readonly text: string
}

/** A message that somebody asked for to see whether it arrives. */
export interface TestEvent {
  readonly type: 'test'
  readonly at: number
}

/** An event in words of a language; names are others' text and stay as they are. */
export function describeEvent(event: RelayEvent | TestEvent, language: Language): Words {
  return language === 'zh' ? inChinese(event) : inEnglish(event)
}

const CAUSES = {
  attention: { en: 'its credential was refused; somebody has to look', zh: '凭据被拒绝，需要人工处理' },
  cooldown: { en: 'it keeps failing', zh: '持续失败' },
  'rate-limited': { en: 'it met a rate limit', zh: '触发限流' },
  quota: { en: 'its daily quota is used up', zh: '当日额度已用完' },
  expired: { en: 'it has expired', zh: '已过期' },
} as const

const REASONS = {
  'credential-refused': CAUSES.attention,
  'credential-unreadable': {
    en: 'its credential cannot be read with this encryption key; somebody has to look',
    zh: '无法用当前加密密钥读取凭据，需要人工处理',
  },
  billing: { en: 'its upstream has no credit left for it; somebody has to look', zh: '上游余额不足，需要人工处理' },
} as const

const HOLDERS = { key: '密钥', owner: '所有者', team: '团队', account: '账户' } as const
const PERIODS = {
  day: { en: 'today', zh: '今日' },
  week: { en: 'this week', zh: '本周' },
  month: { en: 'this month', zh: '本月' },
  total: { en: 'in total', zh: '累计' },
} as const

function inEnglish(event: RelayEvent | TestEvent): Words {
  switch (event.type) {
    case 'account.down': {
      const back = event.untilMs === undefined ? '' : `; back at ${timeOf(event.untilMs)}`
      const whom = event.models === undefined ? 'serves nobody' : `does not serve ${event.models.join(', ')}`
      return {
        title: 'Account down',
        text: `Account “${event.accountName}” ${whom}: ${whyDown(event).en}${back}.`,
      }
    }
    case 'account.up':
      return { title: 'Account up', text: `Account “${event.accountName}” serves again.` }
    case 'budget.reached': {
      const [used, limit] = amounts(event)
      return {
        title: `Budget at ${event.percent} %`,
        text: `The ${event.holder} “${event.name}” has used ${used} of ${limit} ${PERIODS[event.period].en}.`,
      }
    }
    case 'errors.many':
      return {
        title: 'Many errors',
        text: `${event.failed} of ${event.requests} requests failed in ${minutes(event.windowMs)} minutes.`,
      }
    case 'errors.few':
      return {
        title: 'Errors are over',
        text: `${event.failed} of ${event.requests} requests failed in ${minutes(event.windowMs)} minutes.`,
      }
    case 'test':
      return { title: 'Test', text: 'This webhook works.' }
  }
}

function inChinese(event: RelayEvent | TestEvent): Words {
  switch (event.type) {
    case 'account.down': {
      const back = event.untilMs === undefined ? '' : `，预计恢复时间 ${timeOf(event.untilMs)}`
      const what = event.models === undefined ? '' : `（模型 ${event.models.join('、')}）`
      return {
        title: '账户不可用',
        text: `账户“${event.accountName}”暂停服务${what}：${whyDown(event).zh}${back}。`,
      }
    }
    case 'account.up':
      return { title: '账户恢复', text: `账户“${event.accountName}”已恢复服务。` }
    case 'budget.reached': {
      const [used, limit] = amounts(event)
      const text = `${HOLDERS[event.holder]}“${event.name}”${PERIODS[event.period].zh}已使用 ${used} / ${limit}。`
      return { title: `预算已用 ${event.percent}%`, text }
    }
    case 'errors.many':
      return {
        title: '错误增多',
        text: `${minutes(event.windowMs)} 分钟内 ${event.requests} 个请求中有 ${event.failed} 个失败。`,
      }
    case 'errors.few':
      return {
        title: '错误已平息',
        text: `${minutes(event.windowMs)} 分钟内 ${event.requests} 个请求中有 ${event.failed} 个失败。`,
      }
    case 'test':
      return { title: '测试', text: '此 Webhook 工作正常。' }
  }
}

function whyDown({ cause, reason }: Extract<RelayEvent, { type: 'account.down' }>): { en: string; zh: string } {
  return reason === undefined ? CAUSES[cause] : REASONS[reason]
}

type Spending = Pick<Extract<RelayEvent, { type: 'budget.reached' }>, 'usedMicroUsd' | 'limitMicroUsd'>

function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** Cents do not tell what of a small budget is used. */
function amounts({ usedMicroUsd, limitMicroUsd }: Spending): readonly [used: string, limit: string] {
  const digits = limitMicroUsd < 10_000_000 ? 4 : 2
  const dollars = (microUsd: number): string => `$${(microUsd / 1_000_000).toFixed(digits)}`
  return [dollars(usedMicroUsd), dollars(limitMicroUsd)]
}

function minutes(ms: number): number {
  return Math.round(ms / 60_000)
}
