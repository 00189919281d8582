/**
 * Uses the packed library in any runtime: only what the web platform has, no test framework, nothing of Node.
 */
import {
  ConversionError,
  convertError,
  convertRequest,
  convertResponse,
  createConverter,
} from '@relay/format-converter'
import { createFetch } from '@relay/format-converter/fetch'
import { decoders, encoders } from '@relay/format-converter/ir'
import { compileRules } from '@relay/format-converter/rules'
import { createSseDecoder, encodeSse } from '@relay/format-converter/sse'
import { buildAnswer, everyCut } from '@relay/format-converter/testing'
import { normalizeUsage, toChatUsage } from '@relay/format-converter/usage'

const FORMATS = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const
const TEXT = 'Hello over there. 你好 🌦️'
const CONTENT = { text: TEXT, toolCalls: [{ id: 'call_1', name: 'weather', arguments: { city: 'Köln' } }] }

/** The same for everything that wants an id, so that two runs can be compared. */
const ID = 'TESTtestTESTtestTESTtest'

/** What each format's client asks. */
const ASKED = {
  'anthropic-messages': { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'weather?' }] },
  'openai-chat': { model: 'm', messages: [{ role: 'user', content: 'weather?' }] },
  'openai-responses': { model: 'm', input: 'weather?', store: false },
} as const

/** Paths of the endpoints, below `/v1`. */
const PATHS = {
  'anthropic-messages': '/messages',
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
} as const

/**
 * Converts in all directions and compares whole answers with streams.
 *
 * @returns what was checked, one line each
 * @throws Error that names the first thing that was not as it should be
 */
export async function smoke(): Promise<readonly string[]> {
  const checked: string[] = []
  for (const client of FORMATS) {
    for (const upstream of FORMATS) {
      convertWhole(client, upstream)
      convertCut(client, upstream)
      await convertFetched(client, upstream)
      checked.push(`${upstream} → ${client}: whole, streamed, fetched`)
    }
  }
  return [...checked, ...checkEntries()]
}

type Format = (typeof FORMATS)[number]

function convertWhole(client: Format, upstream: Format): void {
  const { body, context } = convertRequest({ from: client, to: upstream, body: ASKED[client] })
  expect(JSON.stringify(body).includes('weather?'), `the request of ${client} reached ${upstream}`)
  const answer = convertResponse({ from: upstream, to: client, body: buildAnswer(upstream, CONTENT).body, context })
  expect(JSON.stringify(answer.body).includes(TEXT), `the answer of ${upstream} reached ${client}`)
}

function convertCut(client: Format, upstream: Format): void {
  const bytes = new TextEncoder().encode(buildAnswer(upstream, CONTENT).stream)
  const exchange = createConverter({ client, upstream, ids: () => ID, now: () => 0 }).exchange(ASKED[client])
  const whole = exchange.aggregate()
  whole.push(bytes)
  const expected = JSON.stringify(whole.end().body)
  for (const pieces of everyCut(bytes).slice(0, 3)) {
    const aggregator = exchange.aggregate()
    for (const piece of pieces) aggregator.push(piece)
    expect(JSON.stringify(aggregator.end().body) === expected, `${upstream} → ${client} is the same under every cut`)
  }
}

async function convertFetched(client: Format, upstream: Format): Promise<void> {
  const { stream } = buildAnswer(upstream, CONTENT)
  const headers = { 'content-type': 'text/event-stream' }
  const fetch = createFetch({
    client,
    upstream,
    baseURL: 'https://upstream.test/v1',
    headers: { authorization: 'Bearer server' },
    fetch: async (input, init) => {
      const sent = new Headers(init?.headers)
      expect(input === `https://upstream.test/v1${PATHS[upstream]}`, `the call goes to ${upstream}`)
      expect(sent.get('authorization') === 'Bearer server', 'the key of the SDK is replaced')
      return new Response(new TextEncoder().encode(stream), { headers })
    },
  })
  const answer = await fetch(`https://sdk.test/v1${PATHS[client]}`, {
    method: 'POST',
    headers: { authorization: 'Bearer sdk' },
    body: JSON.stringify({ ...ASKED[client], stream: true }),
  })
  const text = await answer.text()
  expect(answer.status === 200 && text.includes('Hello over'), `${client} got the stream of ${upstream}`)
}

function checkEntries(): readonly string[] {
  const events: string[] = []
  const sse = createSseDecoder({ onMessage: ({ data }) => events.push(data), onOverflow: () => undefined })
  sse.push(encodeSse('{"a":1}', 'x'))
  expect(events.join() === '{"a":1}', 'events are decoded')
  const usage = normalizeUsage({ from: 'anthropic-messages', usage: { input_tokens: 3, output_tokens: 4 } })
  expect(usage !== undefined && toChatUsage(usage)['total_tokens'] === 7, 'usage adds up')
  expect(Object.keys(decoders).join() === Object.keys(encoders).join(), 'every decoder has its encoder')
  expect(compileRules({ version: 1, rules: [] }).ok, 'rules compile')
  const { status } = convertError({ from: 'openai-chat', to: 'anthropic-messages', status: 503, body: 'busy' })
  expect(status === 529, 'errors keep their meaning')
  expect(refuses(), 'a wrong body is refused by name')
  return ['events, usage, model, rules, errors']
}

function refuses(): boolean {
  try {
    createConverter({ client: 'openai-chat', upstream: 'anthropic-messages' }).exchange({ model: 'm' })
    return false
  } catch (error) {
    return ConversionError.is(error) && error.param === '/messages'
  }
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`)
}
