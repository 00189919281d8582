export {
  claudeErrorReply,
  closeBeforeHeaders,
  htmlReply,
  jsonReply,
  openAiErrorReply,
  rawAnswer,
  silence,
  sseReply,
  withCrlf,
} from './fake-answer.ts'
export type { FakeAnswer, FakeReply, FakeReplyOptions } from './fake-answer.ts'
export { startFakeProxy } from './fake-proxy.ts'
export type { FakeProxy, FakeProxyOptions } from './fake-proxy.ts'
export { startFakeUpstream } from './fake-upstream.ts'
export type { FakeScript, FakeUpstream, RecordedRequest } from './fake-upstream.ts'
export { chatAnswer, claudeAnswer, responsesAnswer } from './canned-answers.ts'
export type { CannedAnswer, CannedContent, CannedReasoning, CannedToolCall } from './canned-answers.ts'
