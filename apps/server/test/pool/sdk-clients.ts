import { setTimeout as wait } from 'node:timers/promises'

import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'

import type { PoolClient, PoolErrand, PoolReport } from './pool-client.ts'
import { TOOLS, useTool } from './tools.ts'

/** A program that gives up a turn only after so many tries, beside those of the SDK itself. */
const TRIES = 8
const PAUSE_MS = 500
/** More turns than the task has. */
const MAX_TURNS = 12

/** The official SDKs, streaming. */
export const SDK_CLIENTS: readonly PoolClient[] = [
  { name: 'anthropic-sdk', format: 'anthropic-messages', run: runMessages },
  { name: 'openai-sdk chat', format: 'openai-chat', run: runChat },
  { name: 'openai-sdk responses', format: 'openai-responses', run: runResponses },
]

/** Counts what broke, and asks again: a stream that has begun is no SDK's to repeat. */
function createPatience(): { try<Value>(turn: () => Promise<Value>): Promise<Value>; readonly broken: number } {
  let broken = 0
  return {
    try: async (turn) => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await turn()
        } catch (error) {
          broken += 1
          if (tries === TRIES) throw error
          await wait(PAUSE_MS)
        }
      }
    },
    get broken() {
      return broken
    },
  }
}

async function runMessages({ relayUrl, relayKey, prompt }: PoolErrand): Promise<PoolReport> {
  const client = new Anthropic({ baseURL: relayUrl, apiKey: relayKey })
  const patience = createPatience()
  const tools = TOOLS.map(({ name, description, schema }) => ({ name, description, input_schema: schema }))
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: prompt }]
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const ask = { model: 'pool', max_tokens: 4000, tools, messages } as const
    const { content } = await patience.try(() => client.messages.stream(ask).finalMessage())
    messages.push({ role: 'assistant', content })
    const calls = content.filter((block) => block.type === 'tool_use')
    if (calls.length === 0) return { output: textOf(content), brokenAnswers: patience.broken }
    messages.push({
      role: 'user',
      content: calls.map(({ id, name, input }) => ({
        type: 'tool_result' as const,
        tool_use_id: id,
        content: useTool(name, input),
      })),
    })
  }
  return { output: 'the task had no end', brokenAnswers: patience.broken }
}

function textOf(content: readonly Anthropic.ContentBlock[]): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}

async function runChat({ relayUrl, relayKey, prompt }: PoolErrand): Promise<PoolReport> {
  const client = new OpenAI({ baseURL: `${relayUrl}/v1`, apiKey: relayKey })
  const patience = createPatience()
  const tools = TOOLS.map(({ name, description, schema }) => ({
    type: 'function' as const,
    function: { name, description, parameters: { ...schema } },
  }))
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: prompt }]
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const ask = { model: 'pool', tools, messages, stream_options: { include_usage: true } }
    const message = await patience.try(() => client.chat.completions.stream(ask).finalMessage())
    const calls = (message.tool_calls ?? []).filter((call) => call.type === 'function')
    if (calls.length === 0) return { output: message.content ?? '', brokenAnswers: patience.broken }
    // without what the SDK has added to it for its own use
    const plain = calls.map(({ id, function: { name, arguments: text } }) => ({
      id,
      type: 'function' as const,
      function: { name, arguments: text },
    }))
    messages.push({ role: 'assistant', content: message.content, tool_calls: plain })
    for (const { id, function: called } of plain) {
      messages.push({ role: 'tool', tool_call_id: id, content: useTool(called.name, JSON.parse(called.arguments)) })
    }
  }
  return { output: 'the task had no end', brokenAnswers: patience.broken }
}

async function runResponses({ relayUrl, relayKey, prompt }: PoolErrand): Promise<PoolReport> {
  const client = new OpenAI({ baseURL: `${relayUrl}/v1`, apiKey: relayKey })
  const patience = createPatience()
  const tools = TOOLS.map(({ name, description, schema }) => ({
    type: 'function' as const,
    name,
    description,
    parameters: { ...schema },
    strict: false,
  }))
  const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: prompt }]
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const ask = { model: 'pool', tools, input, store: false } as const
    const response = await patience.try(async () => completed(await client.responses.stream(ask).finalResponse()))
    const calls = response.output.filter((item) => item.type === 'function_call')
    if (calls.length === 0) return { output: response.output_text, brokenAnswers: patience.broken }
    for (const { call_id: id, name, arguments: text } of calls) {
      input.push({ type: 'function_call', call_id: id, name, arguments: text })
      input.push({ type: 'function_call_output', call_id: id, output: useTool(name, JSON.parse(text)) })
    }
  }
  return { output: 'the task had no end', brokenAnswers: patience.broken }
}

/** The SDK hands a failed response over like any other: its status says what became of it. */
function completed<Answer extends { readonly status?: string }>(response: Answer): Answer {
  if (response.status === 'completed') return response
  throw new Error(`the response is ${response.status}`)
}
