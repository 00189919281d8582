import type { holdersWords as english } from '../en/holders.ts'
import type { SameKeys } from '../words.ts'

/** In simplified Chinese: owners and teams with limits over all their keys. */
export const holdersWords: SameKeys<typeof english> = {
  holders: {
    title: '所有者与团队',
    lead: '对一个所有者或团队的全部密钥共同生效的限额。',
    listLabel: '设有限额的所有者与团队',
    failed: '无法加载所有者与团队',
    add: '设置限额',
    formTitle: '所有者或团队的限额',
    editTitle: (name) => `${name} 的限额`,
    formLead: '只有当密钥、所有者和团队都还有余量时，请求才会被放行。',
    kind: '对象',
    kinds: { owner: '所有者', team: '团队' },
    name: '名称',
    nameHint: '与密钥中填写的一致。',
    isThere: '这个名称已经设有限额，请编辑已有的一条。',
    columns: { name: '所有者或团队', limits: '限额', today: '今日', keys: '密钥数' },
    edit: '编辑',
    showKeys: '查看其密钥',
    showRequests: '查看其请求',
    remove: '取消限额',
    removeTitle: (name) => `取消 ${name} 的限额？`,
    removeLead: '之后只有各个密钥自己的限额生效。已经计入的用量会保留。',
    removed: (name) => `${name} 不再有自己的限额。`,
    saved: (name) => `${name} 的限额会在一秒内在所有节点生效。`,
    empty: {
      title: '还没有人设置限额',
      lead: '每个密钥都有所有者，也可以有团队。在这里可以为同一所有者或团队的全部密钥设置共同预算。',
    },
  },
}
