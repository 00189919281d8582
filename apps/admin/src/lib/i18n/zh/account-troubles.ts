import type { Sentences } from '../sentences.ts'

/** Kinds of refusals, in Relay's own words. */
const REFUSALS: Sentences = [
  ['Upstream refused the credential of its account', '上游拒绝了该账户的凭据'],
  ['Upstream account has no quota left', '上游账户的额度已用完'],
  ['Upstream rate limit reached', '已达到上游的速率限制'],
  ['Upstream failed', '上游出错'],
  ['Upstream is overloaded', '上游过载'],
  ['Upstream timed out', '上游超时'],
  ['Upstream gave an answer that is no API answer', '上游的回答不是 API 回答'],
  ['Upstream refused the request', '上游拒绝了请求'],
  ['Upstream returned HTML', '上游返回了 HTML'],
  ['Upstream has no such endpoint at its base URL', '上游的基础地址下没有这个端点'],
]

/** What Relay says of an account that failed; what the upstream itself said stays in its words. */
export const accountTroubles: Sentences = [
  ...REFUSALS.flatMap(([sentence, translation]): Sentences => [
    [`${sentence} (status {}): {}`, `${translation}（状态 {1}）：{2}`],
    [`${sentence} (status {})`, `${translation}（状态 {1}）`],
    [`${sentence} (in a stream): {}`, `${translation}（在流中）：{1}`],
    [`${sentence} (in a stream)`, `${translation}（在流中）`],
  ]),
  ['the upstream does not serve its account at present', '上游目前不为该账户提供服务'],
  ['the upstream answered with an HTML page', '上游返回了一个 HTML 页面'],
  ['the upstream answered with something that is no API answer', '上游返回的不是 API 回答'],
  ['the upstream answered with JSON that cannot be read', '上游返回了无法读取的 JSON'],
  ['the upstream does not have this endpoint', '上游没有这个端点'],
  ['the upstream closed the stream before the answer was complete', '上游在回答完成之前关闭了流'],
  ['the upstream began a second message in one stream', '上游在同一个流中开始了第二条消息'],
  ['the upstream sent an event that is not valid JSON', '上游发来的事件不是有效的 JSON'],
  ['the upstream sent an event that is no JSON', '上游发来的事件不是 JSON'],
  ['the upstream ended its answer before it had begun', '上游在开始回答之前就结束了'],
  ['the upstream began an answer and sent nothing of it', '上游开始了回答却什么也没有发来'],
  ['the upstream accepted the request but began no answer in time', '上游接受了请求，但没有及时开始回答'],
  ['the upstream left its answer without an end', '上游的回答没有结束'],
  ['the answer ended without a reason to stop', '回答结束时没有给出停止原因'],
  ['the stored credential cannot be decrypted; enter it again', '保存的凭据无法解密，请重新输入'],
  [
    'the stored password of the proxy cannot be decrypted; enter the proxy again',
    '保存的代理密码无法解密，请重新输入代理',
  ],
]
