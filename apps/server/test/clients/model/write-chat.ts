import type { Answer, WrittenAnswer } from './answer.ts'
import { pieces } from './answer.ts'

/** Writes an answer as OpenAI's Chat Completions API does; reasoning as the vendors do who show it. */
export function writeChat(answer: Answer): WrittenAnswer {
  const { tokens, calls, text, reasoning } = answer
  const head = { id: answer.id, created: 1_790_000_000, model: answer.model }
  const usage = {
    prompt_tokens: tokens.input,
    completion_tokens: tokens.output,
    total_tokens: tokens.input + tokens.output,
    prompt_tokens_details: { cached_tokens: tokens.cached },
  }
  const finish = calls.length > 0 ? 'tool_calls' : 'stop'
  const message = {
    role: 'assistant',
    content: text === '' ? null : text,
    refusal: null,
    ...(reasoning === undefined ? {} : { reasoning_content: reasoning.text }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map((_, index) => writeCall(answer, index)) }),
  }
  const choice = { index: 0, message, logprobs: null, finish_reason: finish }
  const chunkHead = { ...head, object: 'chat.completion.chunk' }
  const chunks = [...writeDeltas(answer)].map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] }))
  const ending = [{ choices: [{ index: 0, delta: {}, finish_reason: finish }] }, { choices: [], usage }]
  const events = [...chunks, ...ending].map((chunk) => `data: ${JSON.stringify({ ...chunkHead, ...chunk })}\n\n`)
  return {
    json: { ...head, object: 'chat.completion', choices: [choice], usage },
    sse: `${events.join('')}data: [DONE]\n\n`,
  }
}

function writeCall({ calls }: Answer, index: number): object {
  const call = calls[index]
  const wire = { name: call?.tool.name, arguments: JSON.stringify(call?.input) }
  return { id: call?.id, type: 'function', function: wire }
}

/** Calls that run in parallel come with their pieces mixed, as the vendor may send them. */
function* writeDeltas({ reasoning, text, calls }: Answer): Generator<object> {
  yield { role: 'assistant', content: '' }
  if (reasoning !== undefined) for (const piece of pieces(reasoning.text)) yield { reasoning_content: piece }
  if (text !== '') for (const piece of pieces(text)) yield { content: piece }
  const open = calls.map(({ input }) => pieces(JSON.stringify(input)))
  for (const [index, { id, tool }] of calls.entries()) {
    yield { tool_calls: [{ index, id, type: 'function', function: { name: tool.name, arguments: '' } }] }
  }
  const longest = Math.max(0, ...open.map(({ length }) => length))
  for (let step = 0; step < longest; step += 1) {
    for (const [index, parts] of open.entries()) {
      const piece = parts[step]
      if (piece !== undefined) yield { tool_calls: [{ index, function: { arguments: piece } }] }
    }
  }
}
