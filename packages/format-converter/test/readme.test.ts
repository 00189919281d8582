import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { chat, startLoopback, type Loopback } from './fetch/loopback.ts'
import { readmeBlocks } from './packed/readme.ts'

/** Inside the package, so that the package's own name leads to its sources. */
const FOLDER = fileURLToPath(new URL('../reports/readme/', import.meta.url))

let server: Loopback
beforeAll(async () => {
  server = await startLoopback()
  server.answer(chat('Hello over there.'))
  mkdirSync(FOLDER, { recursive: true })
})
afterAll(() => server.close())

test.for(readmeBlocks('').map(({ title }, index) => ({ title, index })))(
  'the block under "$title" prints what it promises',
  { timeout: 20_000 },
  async ({ index }) => {
    const block = readmeBlocks(server.url)[index]
    const file = `${FOLDER}block-${index}.ts`
    writeFileSync(file, block?.code ?? '')
    expect(await run(file)).toEqual({ errors: '', lines: block?.promised })
  },
)

/** Runs a block in a process of its own. */
async function run(file: string): Promise<{ errors: string; lines: readonly string[] }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], { timeout: 15_000 })
  let printed = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  await new Promise((resolve) => child.on('close', resolve))
  return { errors, lines: printed.split('\n').filter((line) => line !== '') }
}
