import { cpSync, existsSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { startFakeUpstream } from '@relay/upstreams/testing'
import { describe, expect, test, type TestContext } from 'vitest'

import { canned } from './dialects.ts'
import { accountFor } from './harness.ts'
import { type RelayProcess, startRelayProcess } from './process-harness.ts'
import { BUILT_COMMAND, makeFolder } from './relay-process.ts'

const isBuilt = existsSync(BUILT_COMMAND) || process.env.CI === 'true'

interface Copy {
  /** The folder of the program that runs. */
  readonly program: string
  ask(path: string, body?: object): Promise<Response>
  readonly relay: RelayProcess
}

const QUESTION = { model: 'gpt-5', max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] }
/** Converted in the thread for long work. */
const LONG = { ...QUESTION, messages: [{ role: 'user', content: 'Hello '.repeat(400_000) }] }

/** Runs a copy of what was built, which may be touched. */
async function startCopy({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): Promise<Copy> {
  const folder = makeFolder()
  const program = join(folder.path, 'dist')
  cpSync(dirname(BUILT_COMMAND), program, { recursive: true })
  const upstream = await startFakeUpstream(canned('chat').script)
  const relay = await startRelayProcess([accountFor(upstream, 'chat', { name: 'a' })], {
    command: join(program, 'relay.js'),
  })
  onTestFinished(async () => {
    await relay.stop()
    await upstream.close()
    folder.remove()
  })
  const ask: Copy['ask'] = (path, body) =>
    fetch(`${relay.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${relay.key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return { program, ask, relay }
}

describe.skipIf(!isBuilt)('a relay under whose feet its files', () => {
  test('were taken away serves on, and says what is the matter', async (context) => {
    const { program, ask, relay } = await startCopy(context)
    renameSync(program, `${program}-away`)

    const page = await ask('/admin-next')
    expect(page.status).toBe(503)
    expect(await page.text()).toMatch(/files .* start it again/)
    expect((await ask('/v1/chat/completions', QUESTION)).status).toBe(200)
    expect((await ask('/v1/messages', QUESTION)).status).toBe(200)
    expect(await relay.newRecords(2)).toMatchObject([{ reason: 'completed' }, { reason: 'completed' }])

    renameSync(`${program}-away`, program)
    expect((await ask('/admin-next')).status).toBe(200)
    expect((await ask('/v1/messages', LONG)).status).toBe(200)
  })

  test('were replaced by another build mixes nothing of it with its own', async (context) => {
    const { program, ask, relay } = await startCopy(context)
    renameSync(program, `${program}-away`)
    cpSync(`${program}-away`, program, { recursive: true })
    const mixed = "process._rawDebug('of another build');"
    for (const name of ['long-work-thread.js', 'genai-prices.cjs']) writeFileSync(join(program, name), mixed)

    expect((await ask('/v1/messages', QUESTION)).status).toBe(200)
    expect(await relay.newRecords(1)).toMatchObject([{ reason: 'completed', costSource: 'unknown' }])
    const refused = await ask('/v1/messages', LONG)
    expect([refused.status, await refused.text()]).toEqual([529, expect.stringMatching(/files .* start it again/)])
    expect(relay.errors()).not.toContain('of another build')
  })
})
