import type { ErrorKind } from '@relay/format-converter'

import type { Sentences } from '../sentences.ts'

const KINDS: Readonly<Record<ErrorKind | 'blocked_address', string>> = {
  invalid_request: '请求无效',
  context_too_long: '上下文过长',
  unsupported_feature: '功能不受支持',
  content_policy: '违反内容政策',
  authentication: '身份验证失败',
  upstream_auth: '上游拒绝了凭据',
  permission: '没有权限',
  billing: '计费问题',
  upstream_quota: '上游额度已用完',
  not_found: '未找到',
  previous_response_not_found: '找不到之前的响应',
  conflict: '冲突',
  too_large: '请求过大',
  unprocessable: '请求无法处理',
  rate_limit: '达到速率限制',
  internal: '上游内部错误',
  upstream_invalid_response: '上游的回答无效',
  upstream_truncated: '上游的回答中断',
  upstream_protocol: '上游的回答不合协议',
  overflow: '回答过大',
  timeout: '超时',
  overloaded: '上游过载或无法连接',
  client_abort: '客户端已离开',
  blocked_address: '地址不被允许',
}

/** Why an attempt failed, in a word. */
export const failureKinds: Sentences = Object.entries(KINDS)
