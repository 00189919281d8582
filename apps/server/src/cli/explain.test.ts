import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { chatAnswer } from '@relay/upstreams/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { makeFolder, type RelayRun, runRelay } from '../../test/relay-process.ts'

let folder = makeFolder()
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => folder.remove())

function relay(words: readonly string[], input = ''): Promise<RelayRun> {
  return runRelay([...words, '--data-dir', folder.path], { input })
}

const ASK = { model: 'm-1', max_tokens: 100, system: 'x', top_k: 5, messages: [{ role: 'user', content: 'ping' }] }

describe('relay explain', { timeout: 60_000 }, () => {
  test('shows a request as it would be sent, and which account would take it', async () => {
    const address = ['--base-url', 'http://127.0.0.1:9/v1', '--without-credential']
    await relay(['account', 'add', 'far', ...address, '--models', 'm-1=gpt-5.2'])
    const shown = await relay(['explain'], JSON.stringify(ASK))
    expect(shown.exitCode).toBe(0)
    for (const words of [
      'A request in anthropic-messages, for m-1',
      'converted to openai-chat',
      '/top_k',
      'takes it',
      '"model":"gpt-5.2"',
    ]) {
      expect(shown.stdout).toContain(words)
    }
    const refused = await relay(['explain', '--json'], JSON.stringify({ ...ASK, model: 'm-2' }))
    expect(refused.exitCode).toBe(1)
    expect(JSON.parse(refused.stdout)).toMatchObject({
      refusal: { kind: 'not_found' },
      routing: { rejected: [{ name: 'far', reason: 'model-not-served' }] },
    })
  })

  test('goes by what the operator states of models', async () => {
    const prices = join(folder.path, 'prices.json')
    const small = { model: 'm-1', account: 'small', contextWindow: 1000 }
    writeFileSync(prices, JSON.stringify({ prices: [small, { model: 'm-1', account: 'large', contextWindow: 1e6 }] }))
    for (const name of ['small', 'large']) {
      await relay(['account', 'add', name, '--base-url', 'http://127.0.0.1:9', '--without-credential'])
    }
    const long = { ...ASK, messages: [{ role: 'user', content: 'ping '.repeat(5000) }] }
    const words = ['explain', '--json', '--data-dir', folder.path]
    const shown = await runRelay(words, { input: JSON.stringify(long), environment: { RELAY_PRICES: prices } })
    expect(JSON.parse(shown.stdout)).toMatchObject({
      sent: { accountName: 'large' },
      routing: { rejected: [{ name: 'small', reason: 'prompt-too-long' }] },
    })
  })

  test('shows what a client would get of a pasted stream', async () => {
    const { sse } = chatAnswer({ text: 'pong' })
    const shown = await relay(['explain', '--format', 'anthropic-messages'], sse)
    expect([shown.exitCode, shown.stderr]).toEqual([0, ''])
    expect(shown.stdout).toContain('A stream in openai-chat, for a client of anthropic-messages')
    expect(shown.stdout).toContain('event: message_stop')
    const unsaid = await relay(['explain'], sse)
    expect(unsaid.exitCode).toBe(2)
    expect(unsaid.stderr).toContain('standard input is a stream; say what its client speaks, --format ')
  })

  test.for([
    ['canary', 'standard input is neither JSON nor a stream of events: '],
    ['["canary"]', 'standard input is an array; give it one JSON object'],
    ['{"canary":1}', 'if it is a request, say in which format, --format anthropic-messages or'],
  ])('says what is wrong with %j, without quoting it', async ([input, words]) => {
    const { exitCode, stderr } = await relay(['explain'], input)
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain(words)
    expect(stderr).not.toContain('canary')
  })
})
