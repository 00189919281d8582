import type { Sentences } from '../sentences.ts'

/** How a message to a webhook went; what the service said stays in its words. */
export const deliveries: Sentences = [
  ['status {}: {}', '状态 {1}：{2}'],
  ['status {}', '状态 {1}'],
  ['refused with code {}: {}', '被拒绝，代码 {1}：{2}'],
]
