import type { Words } from '../words.ts'

/** In simplified Chinese: `explain`. */
export const explainWords: Pick<Words, 'explain'> = {
  explain: {
    title: '在您的账户上',
    lead: '用您的账户、规则与价格试算：会选择哪个账户，为什么。不会发送任何内容。',
    account: '账户',
    anyAccount: '由 Relay 选择',
    run: '试算',
    send: '发送',
    sendHint: '选择账户后可真正发送。',
    sendTitle: (account) => `发送到 ${account}？`,
    sendLead: '只发送一次，会产生实际费用，并记入操作日志。',
    goesTo: (account, model) => `将以 ${model} 发往 ${account}`,
    nowhere: '没有账户会接收此请求。',
    refused: (message) => `客户端会立即收到错误：${message}`,
    expected: (tokens, cost) => `约 ${tokens} 个输入 token；最多 ${cost}`,
    unknownCost: '费用未知',
    rules: (names) => `规则：${names}`,
    candidates: '按此顺序',
    rejected: '未被考虑',
    native: '格式相同',
    body: '将要发送的内容',
    until: (time) => `直到 ${time}`,
    reasons: {
      disabled: '已停用',
      'not-schedulable': '已暂停',
      'not-allowed': '此密钥不允许使用',
      'model-not-served': '不提供该模型',
      'needs-attention': '需要处理',
      'cooling-down': '冷却中',
      'at-capacity': '已满',
      tried: '已尝试',
    },
  },
}
