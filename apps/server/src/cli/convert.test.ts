import { describe, expect, test } from 'vitest'

import type { RelayRun } from '../../test/relay-process.ts'
import { launchRelay, runRelay } from '../../test/relay-process.ts'

const TO_CHAT = ['--from', 'anthropic-messages', '--to', 'openai-chat']
const TO_CLAUDE = ['--from', 'openai-chat', '--to', 'anthropic-messages']

const CHUNK = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5.2' }
const CHAT_STREAM = [
  { ...CHUNK, choices: [{ index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: null }] },
  { ...CHUNK, choices: [{ index: 0, delta: { content: ' there' }, finish_reason: null }] },
  { ...CHUNK, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
]
  .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
  .join('')

describe('relay convert', { timeout: 60_000 }, () => {
  test('converts a request and tells its losses on standard error', async () => {
    const request = { model: 'gpt-5.2', max_tokens: 9, top_k: 5, messages: [{ role: 'user', content: 'Hi' }] }
    const run = await convert([...TO_CHAT, '--json'], JSON.stringify(request))
    expect(run.exitCode).toBe(0)
    expect(JSON.parse(run.stdout)).toMatchObject({ model: 'gpt-5.2', messages: [{ role: 'user', content: 'Hi' }] })
    const losses = run.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(losses).toContainEqual(expect.objectContaining({ path: '/top_k', stage: 'request' }))
    const text = await convert(TO_CHAT, JSON.stringify(request))
    expect(text.stderr).toContain('/top_k')
  })

  test('refuses a lossy request when told to be strict', async () => {
    const request = { model: 'gpt-5.2', max_tokens: 9, top_k: 5, messages: [{ role: 'user', content: 'Hi' }] }
    const run = await convert([...TO_CHAT, '--strict'], JSON.stringify(request))
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toBe('')
    expect(run.stderr).toContain('/top_k')
  })

  test('names the place of what is wrong once', async () => {
    const run = await convert(TO_CHAT, JSON.stringify({ model: 'gpt-5.2', max_tokens: 'many', messages: [] }))
    expect(run.exitCode).toBe(1)
    expect(run.stderr.split('/max_tokens')).toHaveLength(2)
  })

  test('converts an answer', async () => {
    const message = { role: 'assistant', content: 'Hi' }
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
    const answer = {
      id: 'x',
      object: 'chat.completion',
      model: 'm',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage,
    }
    const run = await convert(TO_CLAUDE, JSON.stringify(answer))
    expect(JSON.parse(run.stdout)).toMatchObject({
      type: 'message',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 3, output_tokens: 2 },
    })
  })

  test('converts an error with its status', async () => {
    const error = { error: { message: 'slow down', type: 'rate_limit_error', code: null } }
    const run = await convert([...TO_CLAUDE, '--status', '429'], JSON.stringify(error))
    expect(JSON.parse(run.stdout)).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } })
  })

  test('converts a stream while it comes in', async () => {
    const run = launchRelay(['convert', ...TO_CLAUDE])
    run.input(`${CHAT_STREAM}data: [DONE]\n\n`)
    const { exitCode, stdout } = await run.ended
    expect(exitCode).toBe(0)
    const events = stdout.split('\n').filter((line) => line.startsWith('event: '))
    expect(events.at(0)).toBe('event: message_start')
    expect(events.at(-1)).toBe('event: message_stop')
    expect(stdout).toContain('"text":"Hi"')
  })

  test('a stream that is cut never looks finished, and the exit code says so', async () => {
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"a":' } }
    const cut = { ...CHUNK, choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }] }
    const run = await convert(TO_CLAUDE, `data: ${JSON.stringify(cut)}\n\n`)
    expect(run.exitCode).toBe(1)
    expect(run.stderr).toContain('the stream broke')
    expect(run.stdout).not.toContain('message_stop')
  })

  test('an output that its reader takes bit by bit comes to its end', async () => {
    const content = 'x'.repeat(3_000_000)
    const request = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content }] }
    const { stdout } = await convert(TO_CHAT, JSON.stringify(request))
    expect(JSON.parse(stdout)).toMatchObject({ messages: [{ content }] })
  })

  test('converts to and from Responses', async () => {
    const request = { model: 'm', input: 'hi', instructions: 'be brief' }
    const asked = await convert(['--from', 'openai-responses', '--to', 'anthropic-messages'], JSON.stringify(request))
    expect(JSON.parse(asked.stdout)).toMatchObject({ messages: [{ role: 'user' }] })
    const content = [{ type: 'output_text', text: 'Hi', annotations: [] }]
    const item = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content }
    const response = { id: 'resp_1', object: 'response', status: 'completed', error: null, model: 'm', output: [item] }
    const words = ['--from', 'openai-responses', '--to', 'openai-chat']
    const answered = await convert(words, JSON.stringify(response))
    expect(JSON.parse(answered.stdout)).toMatchObject({ choices: [{ message: { content: 'Hi' } }] })
  })

  test('what cannot be told apart has to be named; what is no JSON is not quoted', async () => {
    const unknown = await convert(TO_CHAT, '{"a":1}')
    expect(unknown.exitCode).toBe(2)
    expect(unknown.stderr).toContain('--kind')
    const broken = await convert(TO_CHAT, '{"messages": canary')
    expect(broken.exitCode).toBe(1)
    expect(broken.stderr).not.toContain('canary')
    expect((await convert(TO_CHAT, '')).stderr).toContain('standard input is empty')
    expect((await convert(TO_CHAT, '[]')).stderr).toContain('standard input is an array; give it one JSON object')
    expect((await convert(['--from', 'gemini', '--to', 'openai-chat'], '{}')).exitCode).toBe(2)
  })

  test('a format that is not said is asked for by its option', async () => {
    const one = await convert(['--from', 'openai-chat'], '{}')
    expect(one.exitCode).toBe(2)
    expect(one.stderr).toContain(
      '--to is missing: say in which format the body is to go out, --to anthropic-messages or',
    )
    expect((await convert(['--to', 'openai-chat'], '{}')).stderr).toContain('--from is missing')
  })
})

function convert(words: readonly string[], input: string): Promise<RelayRun> {
  return runRelay(['convert', ...words], { input })
}
