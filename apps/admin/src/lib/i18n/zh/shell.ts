import type { Words } from '../words.ts'

/** In simplified Chinese: `navigation`, `header`, `footer`, `shortcuts`. */
export const shellWords: Pick<Words, 'navigation' | 'header' | 'footer' | 'shortcuts'> = {
  navigation: { label: '页面', requests: '请求', sessions: '会话', skip: '跳到正文' },
  header: {
    switchLanguage: 'Switch to English',
    theme: { system: '主题：跟随系统', light: '主题：浅色', dark: '主题：深色' },
    shortcuts: '键盘快捷键',
    signOut: '退出登录',
  },
  footer: {
    about: (version, store, node) => `Relay ${version} · ${store} 存储 · Node ${node}`,
    dropped: (count) => `有 ${count} 条用量记录丢失：队列已满`,
    readOnly: '存储目前无法写入',
  },
  shortcuts: {
    title: '键盘快捷键',
    next: '下一个请求',
    previous: '上一个请求',
    open: '打开请求',
    close: '关闭',
    search: '按模型筛选',
    refresh: '刷新',
    help: '显示此列表',
  },
}
