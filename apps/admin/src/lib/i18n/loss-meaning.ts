import type { LossCode } from '@relay/format-converter'

import { i18n } from './i18n.svelte.ts'

/**
 * What a code of a loss means in the reader's language; `undefined` in English, in which the loss's own message says it
 * with the particulars, and for codes of older records.
 */
export function lossMeaning(code: string): string | undefined {
  return i18n.language === 'zh' && isLossCode(code) ? CHINESE[code] : undefined
}

function isLossCode(code: string): code is LossCode {
  return Object.hasOwn(CHINESE, code)
}

const CHINESE: Readonly<Record<LossCode, string>> = {
  unknown_field: '目标格式没有这个字段，未能带过去。',
  param_unsupported: '上游不支持这个参数，已略去。',
  param_clamped: '参数超出上游允许的范围，已改为最接近的值。',
  sampling_rejected: '上游在此情形下不接受采样参数，已略去。',
  stop_unsupported: '上游不支持停止序列。',
  stop_truncated: '停止序列数量超过上游上限，多出的已略去。',
  effort_clamped: '推理强度已改为上游提供的最接近一档。',
  thinking_disabled_forced_tool: '强制调用工具时上游不能思考，思考已关闭。',
  budget_clamped: '思考预算超出允许范围，已调整。',
  max_tokens_defaulted: '请求没有给出最大输出，已补上默认值。',
  max_tokens_clamped: '最大输出超过模型上限，已降低。',
  operator_as_user: '系统指令以用户消息的形式发送。',
  operator_moved: '系统指令的位置有变动。',
  prefill_unsupported: '上游不支持由客户端预填回答的开头。',
  turn_inserted: '为满足上游对轮次的要求，插入了一条消息。',
  turns_merged: '相邻的同角色消息已合并。',
  empty_removed: '空的内容已移除。',
  system_only: '请求只有系统指令，已补上一条用户消息。',
  orphan_tool_result: '工具结果没有对应的调用。',
  missing_tool_result: '工具调用没有对应的结果。',
  duplicate_tool_result: '同一个工具调用有多个结果。',
  tool_id_rewritten: '工具调用的编号不被上游接受，已改写。',
  tool_name_rewritten: '工具名称不被上游接受，已改写。',
  tool_name_collision: '两个工具在上游会同名，已区分开。',
  tool_bridged: '工具以另一种形式交给上游。',
  tool_unsupported: '上游没有这种工具，已略去。',
  invalid_tool_call: '工具调用不完整或不合法。',
  server_tool_dropped: '由服务端执行的工具在上游不存在，已略去。',
  server_tool_flattened: '服务端工具的调用与结果已改写为普通文本或工具。',
  schema_sanitized: '工具的参数模式含有上游不接受的部分，已整理。',
  schema_root_union: '参数模式的顶层是联合类型，已改写。',
  strict_dropped: '严格模式在上游不可用，已关闭。',
  invalid_tool_arguments: '工具参数不是合法的 JSON。',
  media_moved: '图片或文件的位置有变动。',
  media_linked: '图片或文件以链接代替内容发送。',
  media_type_unsupported: '上游不接受这种媒体类型。',
  media_type_fixed: '媒体类型的声明与内容不符，已更正。',
  file_not_portable: '文件编号只在原厂商处有效，未能带过去。',
  citation_dropped: '引用信息未能带过去。',
  reasoning_dropped: '推理内容未能带过去。',
  reasoning_flattened: '推理内容已改为普通文本。',
  cache_mark_dropped: '缓存标记在目标格式中不存在。',
  cache_ttl_changed: '缓存时长已改变。',
  identity_hashed: '用户标识已改为散列值。',
  service_tier_changed: '服务等级已改变。',
  state_unsupported: '上游不保存会话状态。',
  response_format_degraded: '输出格式的要求有所减弱。',
  logprobs_dropped: '对数概率未能带过去。',
  choices_dropped: '只保留了一个候选回答。',
  pause_turn: '上游暂停了这一轮，客户端的格式没有对应的说法。',
  usage_inconsistent: '上游报告的用量前后不一致。',
  usage_missing: '上游没有报告用量。',
  malformed_event: '上游发送的内容不合格式，未能带过去。',
  event_after_end: '上游在结束之后仍发送了事件，已略去。',
  late_delta_dropped: '内容块结束后又来的片段已略去。',
  upstream_repaired: '上游的回答有误，已修复。',
  rule_applied: '一条自定义规则起了作用。',
  rule_skipped: '一条自定义规则未能执行，已跳过。',
  losses_truncated: '损失太多，其余的没有列出。',
}
