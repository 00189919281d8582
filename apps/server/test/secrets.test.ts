import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { claudeErrorReply, jsonReply, openAiErrorReply, sseReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, WAYS } from './dialects.ts'
import { accountFor, openStage } from './harness.ts'
import { makeFolder } from './relay-process.ts'

const CREDENTIAL = 'canary-credential-7f3e9a51c2d84b60'
const PROMPT = 'canary prompt about seventeen penguins'
/** One piece of a stream, so that it can be looked for. */
const ANSWER = '11 walruses!'

/** Everything that lies in the folder, as bytes. */
function readFolder(folder: string): Buffer {
  return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))))
}

describe('secrets', () => {
  test.for(WAYS)('$client > $upstream: are in no log, no answer, no file', async (way, context) => {
    const stage = openStage(context)
    const folder = makeFolder()
    context.onTestFinished(() => folder.remove())
    const upstream = await stage.upstream()
    const relay = await stage.relay({
      accounts: [accountFor(upstream, way.upstream, { credential: CREDENTIAL })],
      storeFile: join(folder.path, 'relay.db'),
    })
    const leak = `Nobody knows ${CREDENTIAL} (x-api-key: ${CREDENTIAL}), nor ${relay.key}, at ${upstream.url}/v1`
    const reply = way.upstream === 'claude' ? claudeErrorReply : openAiErrorReply
    const cookie = {
      'set-cookie': `credential=${CREDENTIAL}`,
      'x-debug': CREDENTIAL,
      'request-id': CREDENTIAL,
    }
    const story = canned(way.upstream, { text: ANSWER })
    const errorEvent = `event: error\ndata: {"type":"error","error":{"type":"api_error","message":"${leak}"}}\n\n`
    upstream.answerNext(
      reply(400, { type: 'invalid_request_error', message: leak }),
      reply(413, { type: 'request_too_large', message: leak }, { headers: cookie }),
      jsonReply({ error: { type: 'invalid_request_error', message: leak } }),
      sseReply(story.sse, { headers: cookie }),
      sseReply(story.sse.slice(0, story.sse.indexOf('\n\n', story.sse.indexOf(ANSWER))) + `\n\n${errorEvent}`),
      reply(401, { type: 'authentication_error', message: leak }),
    )

    let seen = ''
    for (const isStream of [true, false, true, true, true, false]) {
      const response = await ask(relay, way.client, { isStream, prompt: PROMPT })
      seen += `${JSON.stringify([...response.headers])}\n${await response.text()}\n`
    }
    const broken = `{"model":"m","messages":[{"role":"user","content":"${PROMPT}"`
    seen += await (await relay.post('/v1/messages', broken)).text()
    await relay.records(7)
    await relay.store.flushUsage()

    expect(seen).toContain(ANSWER) // the run was what it should be
    expect(seen).not.toContain(CREDENTIAL)
    expect(seen).not.toContain(new URL(upstream.url).host)
    expect(seen).not.toContain(relay.key)
    expect(seen).not.toContain(PROMPT)
    const log = relay.log()
    const kept = readFolder(folder.path)
    expect(log).toContain('"type":"access"')
    for (const secret of [CREDENTIAL, relay.key, PROMPT, ANSWER]) {
      expect(log).not.toContain(secret)
      expect(kept.includes(secret)).toBe(false)
    }
  })
})
