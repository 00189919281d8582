import { existsSync, readdirSync, readFileSync } from 'node:fs'

import type { ChatCompletionMessage } from 'openai/resources/chat/completions'
import { describe, expect, it, test } from 'vitest'

import { convertRequest, type JsonObject } from '../src/index.ts'
import {
  convertStream,
  convertWhole,
  judgeChatStream,
  judgeMessagesStream,
  MESSAGES_TO_CHAT,
} from './catalogue/harness.ts'

/** Exchanges with real providers; they are not part of the repository. */
const FOLDER = new URL('../../../../shared/recorded/anthropic-messages/', import.meta.url)

interface Recording {
  readonly id: string
  readonly request?: JsonObject
  readonly response: { readonly body?: JsonObject; readonly sse?: readonly string[] }
}

function readRecordings(): readonly Recording[] {
  if (!existsSync(FOLDER)) {
    process.stdout.write('no recorded Messages exchanges beside the repository; nothing to convert\n')
    return []
  }
  return readdirSync(FOLDER).map((name) => ({ ...JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')), id: name }))
}

const recordings = readRecordings()

interface SeenBlock {
  readonly type: string
  readonly text?: string
  readonly id?: string
  readonly name?: string
  readonly input?: unknown
}

/** What the client of another format must see of a message's content. */
function essence(content: readonly SeenBlock[]): unknown {
  return {
    // texts with another block between them are set apart by a blank line
    text: content
      .flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : []))
      .join('')
      .replaceAll(/\s/g, ''),
    calls: content.filter(({ type }) => type === 'tool_use').map(({ id, name, input }) => ({ id, name, input })),
  }
}

function essenceOfChat({ content, tool_calls = [] }: ChatCompletionMessage): unknown {
  const calls = tool_calls.flatMap((call) =>
    call.type === 'function'
      ? [{ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) }]
      : [],
  )
  return { text: (content ?? '').replaceAll(/\s/g, ''), calls }
}

describe('recorded Messages exchanges', () => {
  it('are found, or their absence is said', () => {
    expect(existsSync(FOLDER)).toBe(recordings.length > 0)
  })

  test.for(recordings.filter(({ response }) => response.sse !== undefined))(
    'stream $id keeps text, calls and usage for a Chat client',
    async ({ response }) => {
      const sse = (response.sse ?? []).join('')
      const sent = await judgeMessagesStream(sse)
      const { text, stream } = convertStream(MESSAGES_TO_CHAT, sse)
      const { choices, usage } = await judgeChatStream(text)
      expect(choices.map(({ message }) => essenceOfChat(message))).toEqual([essence(sent.content)])
      const {
        input_tokens,
        cache_read_input_tokens: read,
        cache_creation_input_tokens: written,
        output_tokens,
      } = sent.usage
      expect(usage).toMatchObject({
        prompt_tokens: input_tokens + (read ?? 0) + (written ?? 0),
        completion_tokens: output_tokens,
      })
      expect(stream.state).toBe('finished')
    },
  )

  test.for(recordings.filter(({ response }) => response.body !== undefined))(
    'answer $id keeps text and calls for a Chat client',
    ({ response: { body = {} } }) => {
      const choices = convertWhole(MESSAGES_TO_CHAT, body).body['choices'] as unknown as {
        message: ChatCompletionMessage
      }[]
      const content = body['content'] as unknown as readonly SeenBlock[]
      expect(choices.map(({ message }) => essenceOfChat(message))).toEqual([essence(content)])
    },
  )

  test.for(recordings.filter(({ request }) => request !== undefined))(
    'request $id becomes a Chat request whose calls all have results',
    ({ request }) => {
      const { body, losses } = convertRequest({ from: 'anthropic-messages', to: 'openai-chat', body: request ?? {} })
      const messages = body['messages'] as unknown as readonly {
        role: string
        tool_call_id?: string
        tool_calls?: { id: string }[]
      }[]
      const calls = messages.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id }) => id))
      const results = messages.flatMap(({ role, tool_call_id }) => (role === 'tool' ? [tool_call_id] : []))
      expect(results).toEqual(calls)
      expect(JSON.stringify(body)).not.toContain('cache_control')
      expect(losses.filter(({ code }) => code === 'unknown_field')).toEqual([])
    },
  )
})
