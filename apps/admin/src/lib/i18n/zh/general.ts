import type { Words } from '../words.ts'

/** In simplified Chinese: `unknown`, `none`, `close`, `copy`, `copied`, `retry`, `loading`. */
export const generalWords: Pick<Words, 'unknown' | 'none' | 'close' | 'copy' | 'copied' | 'retry' | 'loading'> = {
  unknown: '未知',
  none: '无',
  close: '关闭',
  copy: '复制',
  copied: '已复制',
  retry: '重试',
  loading: '加载中…',
}
