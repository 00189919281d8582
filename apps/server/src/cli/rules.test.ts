import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { RelayRun } from '../../test/relay-process.ts'
import { makeFolder, runRelay, startRelay } from '../../test/relay-process.ts'

let folder = makeFolder()
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => folder.remove())

const CAP = { id: 'cap', phase: 'request.upstream', ops: [{ op: 'clamp', path: '/max_tokens', max: 8 }] }
const BODY = { model: 'm', messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 }
const TEST = { name: 'is capped', phase: 'request.upstream', input: BODY, expect: { body: { ...BODY, max_tokens: 8 } } }
const RULES = { version: 1, rules: [CAP], tests: [TEST] }

describe('relay rules', { timeout: 60_000 }, () => {
  test('checks a file, and names every mistake with its place', async () => {
    const good = write('good.json', `// why\n${JSON.stringify(RULES)}`)
    expect(await relay(['rules', 'check', good])).toMatchObject({
      exitCode: 0,
      stdout: '1 rule, 1 test; nothing is wrong.\n',
    })
    const prompt = { id: 'p', phase: 'request.client', ops: [{ op: 'set', path: '/system', value: 'x' }] }
    const bad = write('bad.json', JSON.stringify({ version: 1, rules: [prompt, { ...CAP, phase: 'later' }] }))
    const run = await relay(['rules', 'check', bad])
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toMatch(/^rules\[0\]\.ops\[0\]\.path: "system" holds words.*\nrules\[1\]\.phase: must be one of/)
    const asJson = await relay(['rules', 'check', bad, '--json'])
    expect(JSON.parse(asJson.stdout)).toMatchObject({ ok: false, mistakes: [expect.anything(), expect.anything()] })
    expect((await relay(['rules', 'check', write('no.json', '{')])).stderr).toContain('not valid JSON')
    expect((await relay(['rules', 'check', 'nowhere.json'])).stderr).toContain('ENOENT')
  })

  test('runs the tests of a file', async () => {
    const good = await relay(['rules', 'test', write('good.json', JSON.stringify(RULES))])
    expect(good).toMatchObject({ exitCode: 0, stdout: 'passed  is capped\n' })
    const failing = { ...RULES, tests: [{ ...TEST, expect: { applied: [] } }] }
    const bad = await relay(['rules', 'test', write('bad.json', JSON.stringify(failing))])
    expect(bad.exitCode).toBe(1)
    expect(bad.stdout).toBe('failed  is capped\n        applied is ["cap"], expected was []\n')
  })

  test('sets, shows and removes rules of an account and of all', async () => {
    const file = write('rules.json', JSON.stringify(RULES))
    await relay(['account', 'add', 'mine', '--base-url', 'http://127.0.0.1:9', '--without-credential'])
    for (const place of [['--account', 'mine'], ['--global']]) {
      const set = await relay(['rules', 'set', file, ...place, '--json'])
      expect(JSON.parse(set.stdout)).toEqual({ account: place[1] ?? null, rules: ['cap'] })
      expect(JSON.parse((await relay(['rules', 'show', ...place])).stdout)).toEqual(RULES)
      expect((await relay(['rules', 'remove', ...place])).exitCode).toBe(0)
      expect(JSON.parse((await relay(['rules', 'show', ...place])).stdout)).toEqual({ version: 1, rules: [] })
    }
  })

  test('takes no rules into use that are wrong, whose tests fail, or that are nobody’s', async () => {
    const failing = write('failing.json', JSON.stringify({ ...RULES, tests: [{ ...TEST, expect: { applied: [] } }] }))
    const run = await relay(['rules', 'set', failing, '--global'])
    expect(run.exitCode).toBe(1)
    expect(run.stderr).toContain('nothing was changed')
    const wrong = await relay(['rules', 'set', write('wrong.json', '{"version":1}'), '--global'])
    expect(wrong.stderr).toContain('rules: must be a list')
    expect(JSON.parse((await relay(['rules', 'show', '--global'])).stdout)).toEqual({ version: 1, rules: [] })
    const nobody = await relay(['rules', 'show'])
    expect(nobody).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--account NAME or --global') })
  })

  test('of the configuration file are checked with the file', async () => {
    const prompt = {
      version: 1,
      rules: [{ id: 'p', phase: 'request.client', ops: [{ op: 'remove', path: '/system' }] }],
    }
    const account = { name: 'a', type: 'openai-chat', baseUrl: 'http://127.0.0.1:9', rules: prompt }
    write('relay.config.json', JSON.stringify({ accounts: [account], rules: { version: 2, rules: [] } }))
    const run = await relay(['start', '--port', '0'])
    expect(run.exitCode).not.toBe(0)
    expect(run.stderr).toContain('accounts[0].rules.rules[0].ops[0].path: "system" is part of what the model is told')
    expect(run.stderr).toContain('rules.version: must be one of 1, not 2')
  })
})

describe('rules in the configuration file', { timeout: 60_000 }, () => {
  test('are those of all accounts once the relay has started, and go with the file', async () => {
    const account = { name: 'a', type: 'openai-chat', baseUrl: 'http://127.0.0.1:9', rules: RULES }
    write('relay.config.json', JSON.stringify({ accounts: [account], rules: RULES }))
    await startAndStop()
    const global = await relay(['rules', 'show', '--global'])
    expect(global.stderr).toContain('The configuration file has rules for all accounts, too')
    expect(JSON.parse((await relay(['rules', 'show', '--account', 'a'])).stdout)).toEqual(RULES)
    write('relay.config.json', JSON.stringify({ accounts: [{ ...account, rules: undefined }] }))
    await startAndStop()
    expect((await relay(['rules', 'show', '--global'])).stderr).not.toContain('too')
    expect((await relay(['rules', 'show', '--account', 'a'])).stderr).toContain('There are no rules')
  })
})

async function startAndStop(): Promise<void> {
  const server = await startRelay({ folder: folder.path, environment: { DATA_DIR: folder.path } })
  server.signal('SIGTERM')
  await server.ended
}

function write(name: string, text: string): string {
  const path = join(folder.path, name)
  writeFileSync(path, text)
  return path
}

function relay(words: readonly string[]): Promise<RelayRun> {
  return runRelay(words, { folder: folder.path, environment: { DATA_DIR: folder.path } })
}
