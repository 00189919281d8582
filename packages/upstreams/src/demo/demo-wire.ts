import type { DemoContent } from './demo-content.ts'

/** What every part of one demo answer repeats. */
export interface DemoHead {
  readonly id: string
  /** Seconds since the epoch. */
  readonly created: number
  readonly model: string
}

/** Token counts as OpenAI Chat reports them. */
export interface DemoUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
}

/** The demo has no tokenizer: as an upstream of its own it counts a token for four bytes. */
export function countDemoUsage(requestBytes: number, content: DemoContent): DemoUsage {
  const output = content.type === 'text' ? content.text : content.name + content.arguments
  const promptTokens = Math.ceil(requestBytes / 4)
  const completionTokens = Math.ceil(Buffer.byteLength(output) / 4)
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  }
}

/** The answer as one Chat completion. */
export function wholeDemoAnswer(head: DemoHead, content: DemoContent, usage: DemoUsage): object {
  const message =
    content.type === 'text'
      ? { role: 'assistant', content: content.text, refusal: null }
      : { role: 'assistant', content: null, refusal: null, tool_calls: [toolCall(head, content)] }
  const choice = { index: 0, message, logprobs: null, finish_reason: finishReason(content) }
  return { ...head, object: 'chat.completion', choices: [choice], usage }
}

/** The answer as Chat chunks, each one `data:` frame, in order; `usage` only where the client asked for it. */
export function* demoFrames(head: DemoHead, content: DemoContent, usage: DemoUsage | undefined): Generator<string> {
  for (const delta of deltas(head, content)) {
    yield frame(head, [{ index: 0, delta, logprobs: null, finish_reason: null }])
  }
  const last = { index: 0, delta: {}, logprobs: null, finish_reason: finishReason(content) }
  yield frame(head, [last])
  if (usage !== undefined) yield frame(head, [], usage)
  yield 'data: [DONE]\n\n'
}

function frame(head: DemoHead, choices: readonly object[], usage?: DemoUsage): string {
  const chunk = { ...head, object: 'chat.completion.chunk', choices, usage }
  return `data: ${JSON.stringify(chunk)}\n\n`
}

function* deltas(head: DemoHead, content: DemoContent): Generator<object> {
  yield { role: 'assistant', content: content.type === 'text' ? '' : null }
  if (content.type === 'text') {
    for (const piece of cut(content.text)) yield { content: piece }
    return
  }
  yield { tool_calls: [{ index: 0, ...toolCall(head, { ...content, arguments: '' }) }] }
  for (const piece of cut(content.arguments)) {
    yield { tool_calls: [{ index: 0, function: { arguments: piece } }] }
  }
}

function toolCall(head: DemoHead, call: Extract<DemoContent, { type: 'tool-call' }>): object {
  const { name, arguments: text } = call
  return { id: `call_${head.id.slice(-24)}`, type: 'function', function: { name, arguments: text } }
}

function finishReason(content: DemoContent): 'stop' | 'tool_calls' {
  return content.type === 'text' ? 'stop' : 'tool_calls'
}

/** Words with the space behind them, and runs of at most eight characters where there are no spaces. */
function cut(text: string): readonly string[] {
  return text.match(/[^\s]{1,8}\s*|\s+/gu) ?? []
}
