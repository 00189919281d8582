import type { shellWords as english } from '../en/shell.ts'
import type { SameKeys } from '../words.ts'

/** In simplified Chinese: `navigation`, `header`, `footer`, `shortcuts`. */
export const shellWords: SameKeys<typeof english> = {
  navigation: {
    label: '页面',
    open: '打开菜单',
    dashboard: '概览',
    requests: '请求',
    usage: '用量与费用',
    conversion: '转换',
    sessions: '会话',
    skip: '跳到正文',
  },
  header: {
    switchLanguage: 'Switch to English',
    theme: { system: '主题：跟随系统', light: '主题：浅色', dark: '主题：深色' },
    shortcuts: '键盘快捷键',
    signOut: '退出登录',
    maybeOld: '页面上的内容可能已过时。',
  },
  footer: {
    about: (version, store, node) => `Relay ${version} · ${store} 存储 · Node ${node}`,
    dropped: (count) => `有 ${count} 条用量记录丢失：队列已满`,
    readOnly: '存储目前无法写入',
  },
  shortcuts: {
    title: '键盘快捷键',
    everywhere: '所有页面',
    lists: '列表中',
    help: '显示此列表',
    search: '搜索',
    create: '新建',
    close: '关闭',
    next: '下一个',
    previous: '上一个',
    open: '打开',
    refresh: '刷新',
  },
}
