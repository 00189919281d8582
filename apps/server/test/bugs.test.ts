import { gzipSync } from 'node:zlib'

import { type FakeAnswer, sseReply } from '@relay/upstreams/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'

import type { AnswerWriter } from '../src/relay/answer/answer-writer.ts'
import { ask, canned, DIALECTS, readStream } from './dialects.ts'
import { accountFor, openStage, type Dialect } from './harness.ts'

/** The call of the writer in which the bug shows. */
const bug = vi.hoisted(() => {
  const place = { at: '' }
  const meet = (call: string): void => {
    if (call === place.at) throw new TypeError('a bug in the pump')
  }
  return Object.assign(place, { meet })
})

vi.mock('../src/relay/answer/answer-writer.ts', async (load) => {
  const real = await load<{ AnswerWriter: typeof AnswerWriter }>()
  return {
    AnswerWriter: class extends real.AnswerWriter {
      #writes = 0

      override write(output: string | Uint8Array): boolean {
        this.#writes += 1
        bug.meet(`write ${this.#writes}`)
        return super.write(output)
      }

      override end(): void {
        bug.meet('end')
        super.end()
      }
    },
  }
})

afterEach(() => {
  bug.at = ''
})

/** In two packets, so that there is something to come when the first has been written. */
function twoPackets(dialect: Dialect): FakeAnswer {
  const { sse } = canned(dialect)
  const half = sse.indexOf('\n\n', sse.length / 2) + 2
  return sseReply([sse.slice(0, half), sse.slice(half)], { pieceDelayMs: 50 })
}

describe('a bug in the way of an answer', () => {
  const met = DIALECTS.flatMap((client) => ['write 2', 'end'].map((at) => ({ client, at })))
  test.for(met)('$client: met at $at, it ends this request only, with an error', async ({ client, at }, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(() => twoPackets('chat'))
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    bug.at = at
    const response = await ask(relay, client)
    const text = await response.text().catch(() => undefined)
    const wasCut = text === undefined // where the error cannot be told any more
    expect(wasCut || !readStream(client, text).isComplete).toBe(true)
    const [record] = await relay.records(1)
    expect(record).toMatchObject({ reason: 'internal_error' })
    expect(relay.log()).toMatch(new RegExp(`"requestId":"${record?.requestId}".*a bug in the pump`))
    await relay.idle()

    bug.at = ''
    expect((await ask(relay, client)).status).toBe(200)
  })

  test('it does so where the upstream compresses its answer', async (context) => {
    const stage = openStage(context)
    const headers = { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }
    const body = gzipSync(canned('chat').sse)
    const upstream = await stage.upstream({ kind: 'reply', headers, body })
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'chat')] })
    bug.at = 'end'
    await ask(relay, 'chat')
      .then((response) => response.text())
      .catch(() => undefined)
    expect(await relay.records(1)).toMatchObject([{ reason: 'internal_error' }])
    await relay.idle()
  })
})
