import type { errorsWords as english } from '../en/errors.ts'
import type { SameKeys } from '../words.ts'

/** In simplified Chinese: `errors`. */
export const errorsWords: SameKeys<typeof english> = {
  errors: {
    'not-signed-in': '会话已结束，请重新登录。',
    'password-change-required': '请先设置新密码。',
    'sign-in-refused': '用户名或密码错误。',
    'too-many-attempts': '尝试次数过多，请稍后再试。',
    'cross-site-request': '浏览器未能证明请求来自本页面，请刷新页面。',
    forbidden: '你的角色不允许这个操作。',
    'name-taken': '这个名称已被使用。',
    'credential-required': '地址有变，需要重新输入密钥。',
    'managed-by-config': '它来自配置文件，只能在文件里修改。',
    'last-admin': '这是最后一位管理员，不能移除或降级。',
    busy: '另一项同类操作正在进行，请稍后再试。',
    conflict: '其他人已在此期间保存了修改，请重新加载。',
    'invalid-request': '服务器没有接受这个输入。',
    'not-found': '它已经不存在了。',
    'method-not-allowed': '服务器不认识这个操作，请刷新页面。',
    'body-too-large': '内容太大了。',
    'store-unavailable': '存储暂时无法访问。',
    'internal-error': '服务器出了问题，详情见日志。',
    unreachable: '中转没有应答，它在运行吗？',
    'unreadable-answer': '应答不是来自这个版本的中转，请刷新页面。',
    'work-failed': '没有完成。',
    waitFor: (duration) => `尝试次数过多，请在 ${duration} 后再试。`,
    page: '没有这个页面',
    toRequests: '前往请求页面',
  },
}
