import { cpSync, existsSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { startFakeUpstream } from '@relay/upstreams/testing'
import { expect, test } from 'vitest'

import { canned } from './dialects.ts'
import { accountFor } from './harness.ts'
import { startRelayProcess } from './process-harness.ts'
import { BUILT_COMMAND, makeFolder } from './relay-process.ts'

const isBuilt = existsSync(BUILT_COMMAND) || process.env.CI === 'true'

test.skipIf(!isBuilt)('a relay whose files were taken away serves on, and says what is the matter', async (context) => {
  const folder = makeFolder()
  const program = join(folder.path, 'dist')
  cpSync(dirname(BUILT_COMMAND), program, { recursive: true })
  const upstream = await startFakeUpstream(canned('chat').script)
  const relay = await startRelayProcess([accountFor(upstream, 'chat', { name: 'a' })], {
    command: join(program, 'relay.js'),
  })
  context.onTestFinished(async () => {
    await relay.stop()
    await upstream.close()
    folder.remove()
  })
  const ask = (path: string, body?: object): Promise<Response> =>
    fetch(`${relay.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${relay.key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const question = { model: 'gpt-5', max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] }
  renameSync(program, `${program}-away`)

  const page = await ask('/admin-next')
  expect(page.status).toBe(503)
  expect(await page.text()).toMatch(/files .* start it again/)
  expect((await ask('/v1/chat/completions', question)).status).toBe(200)
  expect((await ask('/v1/messages', question)).status).toBe(200)
  expect(await relay.newRecords(2)).toMatchObject([{ reason: 'completed' }, { reason: 'completed' }])

  renameSync(`${program}-away`, program)
  expect((await ask('/admin-next')).status).toBe(200)
})
