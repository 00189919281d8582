import type { generalWords as english } from '../en/general.ts'
import type { SameKeys } from '../words.ts'

/** In simplified Chinese: `unknown`, `none`, `close`, `copy`, `copied`, `copyFailed`, `retry`, `loading`. */
export const generalWords: SameKeys<typeof english> = {
  unknown: '未知',
  none: '无',
  close: '关闭',
  notices: '通知',
  cancel: '取消',
  copy: '复制',
  copied: '已复制',
  copyFailed: '无法在此复制：请手动选中文本',
  retry: '重试',
  loading: '加载中…',
  underWay: '处理中…',
  shownOf: (count, all) => `共 ${all} 条，已显示 ${count} 条`,
  showMore: '显示更多',
  leave: { title: '不保存就离开？', lead: '你在这里输入的内容会丢失。', action: '离开' },
}
