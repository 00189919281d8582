import type { signInWords as english } from '../en/sign-in.ts'
import type { SameKeys } from '../words.ts'

/** In simplified Chinese: `signIn`, `newPassword`. */
export const signInWords: SameKeys<typeof english> = {
  signIn: {
    title: '登录',
    lead: '看清中转做了什么，才能放心使用。',
    name: '用户名',
    password: '密码',
    submit: '登录',
    firstTime: '第一次使用？启动时终端里会打印一次性密码。',
    signedOut: '你已退出登录。',
  },
  newPassword: {
    title: '设置你的密码',
    lead: '一次性密码已完成使命，请换成只有你知道的密码。',
    current: '一次性密码',
    chosen: '新密码',
    repeated: '再次输入新密码',
    rule: (length) => `至少 ${length} 个字符，几个互不相关的词就很好。`,
    tooShort: (missing) => `还差 ${missing} 个字符`,
    longEnough: '长度足够',
    different: '两次输入的密码不一致。',
    unchanged: '新密码不能与一次性密码相同。',
    submit: '设置密码并继续',
    show: '显示密码',
  },
}
