import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { chatAnswer, startFakeUpstream } from '@relay/upstreams/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { launchRelay, makeFolder, type RelayRun, runRelay } from '../../test/relay-process.ts'

let folder = makeFolder()
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => folder.remove())

/** Stands in for a client on the PATH: writes down how it was started, does what it is told, and ends. */
function putClient(name: string, script: string): string {
  const bin = join(folder.path, 'bin')
  mkdirSync(bin, { recursive: true })
  const path = join(bin, name)
  const note = join(folder.path, 'note.json')
  const head = `#!${process.execPath}\nimport { writeFileSync } from 'node:fs'\n`
  const write = `writeFileSync(${JSON.stringify(note)}, JSON.stringify({ words: process.argv.slice(2), env: process.env }))\n`
  writeFileSync(`${path}.mjs`, `${head}${write}${script}`)
  writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${path}.mjs" "$@"\n`)
  chmodSync(path, 0o755)
  return `${bin}:${process.env['PATH'] ?? ''}`
}

interface Note {
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

function readNote(): Note {
  return JSON.parse(readFileSync(join(folder.path, 'note.json'), 'utf8')) as Note // written by the client above
}

const ASK_CLAUDE = `
const { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token, ANTHROPIC_MODEL: model } = process.env
const response = await fetch(url + '/v1/messages', {
  method: 'POST',
  headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' },
  body: JSON.stringify({ model, max_tokens: 9, messages: [{ role: 'user', content: 'ping' }] }),
})
console.log(response.status, (await response.json()).content[0].text)
process.exitCode = 7
`

describe.skipIf(process.platform === 'win32')('relay run', { timeout: 60_000 }, () => {
  test('starts Claude Code on an account, with a key for this run only', async () => {
    const upstream = await startFakeUpstream(chatAnswer({ text: 'pong' }).script)
    const data = join(folder.path, 'data')
    const address = ['--base-url', upstream.url, '--models', 'big=gpt-5.2', '--without-credential']
    await relay(['account', 'add', 'up', ...address, '--data-dir', data])
    const PATH = putClient('claude', ASK_CLAUDE)
    const words = [
      'run',
      'claude',
      '--upstream',
      'up',
      '--context',
      '128000',
      '--data-dir',
      data,
      '--',
      '-p',
      '--help',
      'x y',
    ]
    const run = await relay(words, { PATH, ANTHROPIC_API_KEY: 'sk-of-the-user', HOME: folder.path })
    await upstream.close()
    expect([run.exitCode, run.stdout]).toEqual([7, '200 pong\n'])
    const { words: given, env } = readNote()
    expect(given).toEqual(['-p', '--help', 'x y'])
    expect(env).toMatchObject({
      ANTHROPIC_MODEL: 'big',
      ANTHROPIC_DEFAULT_HAIKU_MODEL: 'big',
      CLAUDE_CODE_MAX_CONTEXT_TOKENS: '128000',
    })
    expect(env).not.toHaveProperty('ANTHROPIC_API_KEY')
    expect((await relay(['key', 'list', '--json', '--data-dir', data])).stdout).toBe('[]\n')
    expect(readdirSync(folder.path).toSorted()).toEqual(['bin', 'data', 'note.json'])
  })

  test('starts Codex on a preset with a relay in memory; no data folder is made', async () => {
    const PATH = putClient('codex', '')
    const data = join(folder.path, 'data')
    const words = ['run', 'codex', '--upstream', 'deepseek', '--model', 'm-1', '--data-dir', data, '--', 'exec', 'task']
    const proxies = { HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: 'intranet.test' }
    const run = await relay(words, { PATH, DEEPSEEK_API_KEY: 'sk-canary-0123456789', ...proxies })
    expect([run.exitCode, run.stdout]).toEqual([0, ''])
    const given = readNote()
    expect(given.words).toEqual(expect.arrayContaining(['-c', 'model="m-1"', 'model_provider="relay"']))
    expect(given.words.slice(-2)).toEqual(['exec', 'task'])
    expect(given.env['RELAY_KEY']).toMatch(/^rk-/)
    const around = 'intranet.test,127.0.0.1' // or the client would ask its proxy for Relay
    expect(given.env).toMatchObject({ HTTP_PROXY: proxies.HTTP_PROXY, NO_PROXY: around, no_proxy: around })
    expect(existsSync(data)).toBe(false)
    const without = await relay(words, { PATH })
    expect(without.stderr).toContain('DEEPSEEK_API_KEY is not set')
  })

  test('tells the client the context window that the operator states', async () => {
    const PATH = putClient('claude', '')
    const data = join(folder.path, 'data')
    const prices = join(folder.path, 'prices.json')
    writeFileSync(prices, JSON.stringify({ prices: [{ model: 'm-1', account: 'one', contextWindow: 54_321 }] }))
    const address = ['--base-url', 'http://127.0.0.1:9', '--models', 'm-1=m-1', '--without-credential']
    await relay(['account', 'add', 'one', ...address, '--data-dir', data])
    const words = ['run', 'claude', '--upstream', 'one', '--model', 'm-1', '--data-dir', data]
    await relay(words, { PATH, RELAY_PRICES: prices, HOME: folder.path })
    expect(readNote().env).toMatchObject({ CLAUDE_CODE_MAX_CONTEXT_TOKENS: '54321' })
  })

  test('starts opencode on the one model that an account asks for, and not without any', async () => {
    const PATH = putClient('opencode', '')
    const data = join(folder.path, 'data')
    const add = ['--base-url', 'http://127.0.0.1:9', '--without-credential', '--data-dir', data]
    await relay(['account', 'add', 'one', '--models', '*=local-model', ...add])
    await relay(['account', 'add', 'claude-only', '--models', 'claude-*=local-model', ...add])
    const run = await relay(['run', 'opencode', '--upstream', 'one', '--data-dir', data], { PATH })
    expect([run.exitCode, run.stdout]).toEqual([0, ''])
    expect(JSON.parse(readNote().env['OPENCODE_CONFIG_CONTENT'] ?? '')).toMatchObject({ model: 'relay/local-model' })
    const without = await relay(['run', 'opencode', '--upstream', 'claude-only', '--data-dir', data], { PATH })
    expect([without.exitCode, without.stderr]).toEqual([2, expect.stringContaining('--model')])
  })

  test('passes a signal to the client, and its end back', async () => {
    const PATH = putClient('opencode', "console.log('up')\nsetInterval(() => {}, 1000)\n")
    const words = ['run', 'opencode', '--upstream', 'ollama', '--model', 'm-1', '--data-dir', join(folder.path, 'data')]
    const run = launchRelay(words, { environment: { PATH } })
    await expect.poll(run.stdout, { timeout: 30_000 }).toContain('up')
    run.signal('SIGTERM')
    expect((await run.ended).exitCode).toBe(143)
    const { env } = readNote()
    expect(JSON.parse(env['OPENCODE_CONFIG_CONTENT'] ?? '')).toMatchObject({ model: 'relay/m-1' })
  })

  test('says so when there is no such client', async () => {
    expect((await relay(['run', 'emacs'])).stderr).toContain('known are claude, codex, opencode')
    const words = ['run', 'claude', '--upstream', 'ollama', '--model', 'm', '--data-dir', join(folder.path, 'data')]
    const run = await relay(words, { PATH: join(folder.path, 'nothing') })
    expect([run.exitCode, run.stderr.includes('claude is not installed')]).toEqual([1, true])
  })
})

function relay(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<RelayRun> {
  return runRelay(words, { environment })
}
