import type { termsWords as english } from '../en/terms.ts'
import type { SameKeys } from '../words.ts'

/** In simplified Chinese: `lossCount`, `lossLevels`, `reasons`, `formats`. */
export const termsWords: SameKeys<typeof english> = {
  lossCount: (_count, formatted) => `${formatted} 处损失`,
  lossLevels: { info: '提示', repaired: '已修复', degraded: '降级', lossy: '丢失' },
  reasons: {
    completed: '已完成',
    client_closed: '客户端断开',
    upstream_error: '上游出错',
    upstream_timeout: '上游超时',
    rejected: '已拒绝',
    shutdown: '中转已停止',
    internal_error: '内部错误',
  },
  formats: {
    'anthropic-messages': 'Claude',
    'openai-chat': 'OpenAI Chat',
    'openai-responses': 'OpenAI Responses',
    gemini: 'Gemini',
  },
}
