import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { chatAnswer, startFakeUpstream } from '@relay/upstreams/testing'
import { expect, test } from 'vitest'

import { readConfigFile } from '../src/config/config-file.ts'
import { makeFolder } from './relay-process.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** Programs find the packages from here. */
const PROGRAMS = join(ROOT, 'apps/server/reports/readmes')
const SECRET = 'a secret of the readme tests, long enough'

/** The TypeScript blocks of a package's README, in order. */
function readBlocks(name: string): readonly string[] {
  const text = readFileSync(join(ROOT, 'packages', name, 'README.md'), 'utf8')
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = '']) => code)
}

/** Runs a program that imports the packages as a user's would, in a folder of its own. */
async function runProgram(name: string, code: string): Promise<{ exitCode: number | null; output: string }> {
  mkdirSync(PROGRAMS, { recursive: true })
  const file = join(PROGRAMS, `${name}.ts`)
  writeFileSync(file, code)
  const folder = makeFolder()
  const child = spawn(process.execPath, [file], {
    cwd: folder.path,
    env: { ...process.env, ENCRYPTION_KEY: SECRET, JWT_SECRET: SECRET },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
  try {
    return { exitCode: await new Promise((resolve) => child.on('close', resolve)), output }
  } finally {
    folder.remove()
    rmSync(file)
  }
}

test('the README of the account store holds a program that works', async () => {
  const [open = '', , request = ''] = readBlocks('account-store')
  const program = [
    "import { mkdirSync } from 'node:fs'",
    "mkdirSync('data')",
    open,
    'const countOf = () => 0',
    "const refuse = () => { throw new Error('refused') }",
    'const secretFromHeader = secret',
    "const record = { requestId: 'req_1', startedAt: Date.now(), durationMs: 1, status: 200, reason: 'completed', attempts: [], losses: [], tokens: {}, usageSource: 'missing', costSource: 'unknown', clientFormat: 'openai-chat', isStream: false, isDemo: false, tags: {}, extras: {} }",
    // Its early returns are those of a function.
    `async function serve() {\n${request}\nreturn { candidates, rejected, opened }\n}`,
    'const { candidates, rejected, opened } = await serve()',
    'await store.close()',
    "console.log(candidates.map(({ account }) => account.name), rejected, opened.type, (account.credentialLastFour ?? '') !== '')",
  ].join('\n')
  const { exitCode, output } = await runProgram('account-store', program)
  expect([exitCode, output.trim()]).toEqual([0, "[ 'main' ] [] opened true"])
})

test('the README of the upstreams holds a program that works', async ({ onTestFinished }) => {
  const upstream = await startFakeUpstream()
  onTestFinished(() => upstream.close())
  upstream.answer(chatAnswer({ text: 'Hello', model: 'deepseek-chat' }).script)
  const [send = '', guard = ''] = readBlocks('upstreams')
  const program = send
    .replace('createNetworkGuard()', guard.trim())
    .replace('https://api.deepseek.com', upstream.url)
    .replace(/^process\.on.*$/m, '')
  expect(program).toContain(upstream.url)
  const { exitCode, output } = await runProgram('upstreams', program)
  expect([exitCode, output]).toEqual([0, expect.stringMatching(/200 text\/event-stream[^]*"Hello"[^]*complete/)])
  const [asked] = upstream.requests
  expect(JSON.parse(asked?.body.toString() ?? '')).toMatchObject({ model: 'deepseek-chat', stream: true })
})

test('the configuration file that the README shows is read as it stands there', ({ onTestFinished }) => {
  const [, shown = ''] = /^```jsonc\n([^]*?)^```$/m.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? []
  const folder = makeFolder()
  onTestFinished(() => folder.remove())
  const path = join(folder.path, 'relay.config.json')
  writeFileSync(path, shown)
  const { accounts, relayKeys } = readConfigFile(path, { UPSTREAM_KEY: 'sk-of-the-upstream', RELAY_KEY: SECRET })
  expect([accounts, relayKeys].map((each) => each.map(({ name }) => name))).toEqual([['main'], ['team']])
})
