import { type FakeAnswer, jsonReply, openAiErrorReply, type RecordedRequest, sseReply } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, DIALECTS, onEveryWay, OVERLOADED_EVENTS, WAYS } from './dialects.ts'
import { accountFor, openStage, type Dialect, type Stage } from './harness.ts'

/** The token classes that an upstream reports, summed over its answers. */
interface Reported {
  inputTokens: number
  cacheReadTokens: number
  outputTokens: number
}

/** Every third request is refused or fails in its stream before any content; the others are answered, each with counts of its own. */
function countingUpstream(dialect: Dialect, reported: Reported): (request: RecordedRequest) => FakeAnswer {
  let asked = 0
  return (request) => {
    asked += 1
    const isStream = (request.json as { readonly stream?: boolean }).stream === true // as every client here sends it
    if (asked % 6 === 0) return openAiErrorReply(503, { message: 'not now', type: 'server_error' })
    if (asked % 3 === 0 && isStream) return sseReply(OVERLOADED_EVENTS[dialect])
    const counts = { inputTokens: 1000 + asked * 13, cachedTokens: asked * 7, outputTokens: asked * 11 }
    reported.inputTokens += counts.inputTokens - counts.cachedTokens
    reported.cacheReadTokens += counts.cachedTokens
    reported.outputTokens += counts.outputTokens
    return canned(dialect, counts).reply(request)
  }
}

async function openUpstreams(stage: Stage, reported: Reported): Promise<Parameters<Stage['relay']>[0]['accounts']> {
  // Two of each dialect: there is always another one where one fails.
  const dialects = DIALECTS.flatMap((dialect) => [dialect, dialect])
  return Promise.all(
    dialects.map(async (dialect, index) => {
      const upstream = await stage.upstream(countingUpstream(dialect, reported))
      return accountFor(upstream, dialect, { name: `${dialect} ${index}`, models: { [dialect]: 'gpt-5' } })
    }),
  )
}

test('the sum over records is the sum over what upstreams reported, also where tries fail', async (context) => {
  const stage = openStage(context)
  const reported = { inputTokens: 0, cacheReadTokens: 0, outputTokens: 0 }
  const relay = await stage.relay({ accounts: await openUpstreams(stage, reported) })
  const rounds = 6
  for (let round = 0; round < rounds; round += 1) {
    const answers = WAYS.flatMap(({ client, upstream: model }) =>
      [true, false].map(async (isStream) => (await ask(relay, client, { isStream, body: { model } })).text()),
    )
    await Promise.all(answers)
  }
  const records = await relay.records(rounds * WAYS.length * 2)
  const { tokens, costMicroUsd } = await relay.store.sumUsage()
  expect(tokens).toMatchObject(reported)
  expect(reported.outputTokens).toBeGreaterThan(0)
  expect(costMicroUsd).toBe(records.reduce((sum, record) => sum + (record.costMicroUsd ?? 0), 0))
  expect(records.some(({ attempts }) => attempts.length > 1)).toBe(true)
  await relay.idle()
})

/** The usage object of a whole answer, in which nothing was used. */
const NOTHING_USED: Readonly<Record<Dialect, object>> = {
  claude: { input_tokens: 0, output_tokens: 0 },
  chat: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  responses: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
}

describe.concurrent('what an upstream reports', () => {
  test.for(onEveryWay([{}]))(
    '$client > $upstream: a zero is a zero',
    async ({ client, upstream: dialect }, context) => {
      const stage = openStage(context)
      const nothing = canned(dialect, { inputTokens: 0, cachedTokens: 0, outputTokens: 0 })
      const whole = jsonReply({ ...nothing.json, usage: NOTHING_USED[dialect] })
      const upstream = await stage.upstream((request) =>
        (request.json as { readonly stream?: boolean }).stream === true ? sseReply(nothing.sse) : whole,
      )
      const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
      for (const isStream of [true, false])
        await (await ask(relay, client, { isStream, body: { model: 'gpt-5' } })).text()
      const tokens = { inputTokens: 0, outputTokens: 0 }
      const expected = { tokens, usageSource: 'reported', costMicroUsd: 0, costSource: 'computed' }
      expect(await relay.records(2)).toMatchObject([expected, expected])
    },
  )

  test.for(onEveryWay([{}]))(
    '$client > $upstream: nothing, of a whole answer: its words are estimated',
    async ({ client, upstream: dialect }, context) => {
      const stage = openStage(context)
      const text = 'One word after another, none of them counted. '.repeat(10)
      const { usage: _, ...uncounted } = canned(dialect, { text }).json
      const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(jsonReply(uncounted)), dialect)] })
      expect((await ask(relay, client, { isStream: false })).status).toBe(200)
      const [record] = await relay.records(1)
      expect(record?.usageSource).toBe('estimated')
      expect(record?.tokens.outputTokens).toBe(Math.ceil(text.length / 4))
    },
  )

  test.for(onEveryWay([{}]))(
    '$client > $upstream: counts that are none beside a zero: the words are estimated',
    async ({ client, upstream: dialect }, context) => {
      const stage = openStage(context)
      const { json } = canned(dialect, { cachedTokens: 0 })
      const counted = JSON.stringify(json).replaceAll(/(_tokens":)[1-9]\d*/g, '$1-5')
      const relay = await stage.relay({
        accounts: [accountFor(await stage.upstream(jsonReply(JSON.parse(counted))), dialect)],
      })
      expect((await ask(relay, client, { isStream: false })).status).toBe(200)
      const [record] = await relay.records(1)
      expect(record?.usageSource).toBe('estimated')
      expect(record?.tokens.outputTokens).toBeGreaterThan(0)
    },
  )

  test.for(onEveryWay([{}]))(
    '$client > $upstream: nothing, of a stream: its words are estimated, however many events they are',
    async ({ client, upstream: dialect }, context) => {
      const stage = openStage(context)
      const text = 'One word after another, none of them counted. '.repeat(20)
      const sse = canned(dialect, { text }).sse.replaceAll(/"usage":\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g, '"usage":null')
      const relay = await stage.relay({ accounts: [accountFor(await stage.upstream(sseReply([sse])), dialect)] })
      expect(await (await ask(relay, client)).text()).toContain('counted')
      const [record] = await relay.records(1)
      expect(record?.usageSource).toBe('estimated')
      expect(record?.tokens.outputTokens).toBeGreaterThanOrEqual(text.length / 4)
      expect(record?.tokens.outputTokens).toBeLessThan(text.length / 3)
    },
  )

  test.for(onEveryWay([{}]))(
    '$client > $upstream: the words of its error are no output',
    async ({ client, upstream: dialect }, context) => {
      const stage = openStage(context)
      const begun = canned(dialect)
        .sse.split(/(?<=\n\n)/)
        .slice(0, 5)
        .join('')
      const bare = begun.replaceAll(/"usage":\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g, '"usage":null')
      const estimates: (number | undefined)[] = []
      for (const words of ['Overloaded', 'Overloaded '.repeat(2000)]) {
        const broken = OVERLOADED_EVENTS[dialect].replace('"message":"Overloaded"', `"message":"${words}"`)
        const upstream = await stage.upstream(sseReply([bare, broken]))
        const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
        expect(await (await ask(relay, client)).text()).toContain('Overloaded')
        const [record] = await relay.records(1)
        expect(record?.usageSource).toBe('estimated')
        estimates.push(record?.tokens.outputTokens)
      }
      expect(estimates[0]).toBeGreaterThan(0)
      expect(estimates[1]).toBe(estimates[0])
    },
  )
})
