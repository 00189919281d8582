import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import {
  ask,
  canned,
  DIALECTS,
  onBothPaths,
  onEveryWay,
  PATHS,
  readError,
  readWhole,
  STORY,
  WAYS,
  type Way,
} from './dialects.ts'
import { accountFor, openStage, type Dialect, type Stage, type TestRelay } from './harness.ts'
import { openRawClient, type RawClient, requestHead } from './raw-client.ts'

interface BadBody {
  /** @param rest - the members of an ordinary question without its model, in the client's dialect */
  readonly body: (rest: string) => string | Uint8Array
  readonly trouble: string
  readonly status?: number
  /** The message names what is wrong. */
  readonly words: RegExp
}

const MESSAGES = '[{"role":"user","content":"Hello"}]'
const RESTS: Readonly<Record<Dialect, string>> = {
  claude: `"max_tokens":10,"messages":${MESSAGES}`,
  chat: `"max_tokens":10,"messages":${MESSAGES}`,
  responses: `"max_output_tokens":16,"input":${MESSAGES}`,
}

const badBodies: readonly BadBody[] = [
  { trouble: 'nothing', body: () => '', words: /empty/ },
  { trouble: 'no JSON', body: () => '{"model":"m",', words: /not valid JSON/ },
  { trouble: 'an array', body: () => '[]', words: /one JSON object/ },
  { trouble: 'null', body: () => 'null', words: /one JSON object/ },
  { trouble: 'a string', body: () => '"hello"', words: /one JSON object/ },
  { trouble: 'two objects', body: (rest) => `{"model":"m",${rest}}{}`, words: /not valid JSON/ },
  {
    trouble: 'invalid UTF-8',
    body: (rest) => Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xc3, 0x28]), Buffer.from(`",${rest}}`)]),
    words: /UTF-8/,
  },
  {
    trouble: 'a lone surrogate cut in bytes',
    body: () => Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22]),
    words: /UTF-8/,
  },
  { trouble: 'no model', body: (rest) => `{${rest}}`, words: /model/ },
  { trouble: 'an empty model', body: (rest) => `{"model":"",${rest}}`, words: /model/ },
  { trouble: 'an endless model', body: (rest) => `{"model":"${'m'.repeat(513)}",${rest}}`, words: /model.*512/ },
  { trouble: 'a number as model', body: (rest) => `{"model":5,${rest}}`, words: /model.*number/ },
  { trouble: 'a string as stream', body: (rest) => `{"model":"m","stream":"yes",${rest}}`, words: /stream/ },
]

const messagesOnly: readonly BadBody[] = [
  { trouble: 'no messages', body: () => '{"model":"m","max_tokens":10}', words: /messages/ },
  {
    trouble: 'a string as messages',
    body: () => '{"model":"m","max_tokens":10,"messages":"hi"}',
    words: /messages.*string/,
  },
  { trouble: 'no message at all', body: () => '{"model":"m","max_tokens":10,"messages":[]}', words: /messages/ },
]

const claudeOnly: readonly BadBody[] = [
  { trouble: 'no max_tokens', body: () => `{"model":"m","messages":${MESSAGES}}`, words: /max_tokens/ },
  {
    trouble: 'a negative max_tokens',
    body: () => `{"model":"m","max_tokens":-1,"messages":${MESSAGES}}`,
    words: /max_tokens/,
  },
  { trouble: 'half a token', body: () => `{"model":"m","max_tokens":1.5,"messages":${MESSAGES}}`, words: /max_tokens/ },
]

const responsesOnly: readonly BadBody[] = [
  { trouble: 'a number as input', body: () => '{"model":"m","input":7}', words: /input.*number/ },
  { trouble: 'an object as input', body: () => '{"model":"m","input":{"role":"user"}}', words: /input.*object/ },
]

/** What only a conversion has to look at: an upstream of the same format judges it itself. */
const convertedOnly: readonly BadBody[] = [
  { trouble: 'tools that are a string', body: (rest) => `{"model":"m","tools":"all",${rest}}`, words: /tools/ },
]

const convertedMessages: readonly BadBody[] = [
  { trouble: 'a message of null', body: () => '{"model":"m","max_tokens":10,"messages":[null]}', words: /messages/ },
  {
    trouble: 'a role of five',
    body: () => '{"model":"m","max_tokens":10,"messages":[{"role":5,"content":"x"}]}',
    words: /role/,
  },
  {
    trouble: 'content that is a number',
    body: () => '{"model":"m","max_tokens":10,"messages":[{"role":"user","content":7}]}',
    words: /content/,
  },
]

const convertedResponses: readonly BadBody[] = [
  { trouble: 'no input', body: () => '{"model":"m"}', words: /input/ },
  { trouble: 'an item of null', body: () => '{"model":"m","input":[null]}', words: /input/ },
  { trouble: 'a role of five', body: () => '{"model":"m","input":[{"role":5,"content":"x"}]}', words: /role/ },
  {
    trouble: 'content that is a number',
    body: () => '{"model":"m","input":[{"role":"user","content":7}]}',
    words: /content/,
  },
  {
    trouble: 'an output limit that is a text',
    body: () => '{"model":"m","max_output_tokens":"many","input":"Hi"}',
    words: /max_output_tokens/,
  },
]

function isConversion({ client, upstream }: Way): boolean {
  return client !== upstream
}

/** A tool in each dialect, around the JSON text of its schema. */
const TOOLS: Readonly<Record<Dialect, (schema: string) => string>> = {
  claude: (schema) => `{"name":"t","input_schema":${schema}}`,
  chat: (schema) => `{"type":"function","function":{"name":"t","parameters":${schema}}}`,
  responses: (schema) => `{"type":"function","name":"t","strict":false,"parameters":${schema}}`,
}

async function openRelay(stage: Stage, dialect: Dialect): Promise<TestRelay> {
  const upstream = await stage.upstream(canned(dialect).script)
  return stage.relay({ accounts: [accountFor(upstream, dialect)] })
}

const MEGABYTE = 1024 * 1024

/** Whether bytes could be written to a connection: false when it is closed. */
async function isTaken({ socket, closed }: RawClient, bytes: Uint8Array): Promise<boolean> {
  const written = new Promise<boolean>((resolve) => socket.write(bytes, (error) => resolve(!error)))
  return Promise.race([written, closed.then(() => false)])
}

describe.concurrent('a body that cannot be served', () => {
  const table = [
    ...onBothPaths(badBodies),
    ...onBothPaths(messagesOnly).filter(({ client }) => client !== 'responses'),
    ...onBothPaths(claudeOnly).filter(({ client }) => client === 'claude'),
    ...onBothPaths(responsesOnly).filter(({ client }) => client === 'responses'),
    ...onEveryWay(convertedOnly).filter(isConversion),
    ...onEveryWay(convertedMessages).filter((way) => isConversion(way) && way.client !== 'responses'),
    ...onEveryWay(convertedResponses).filter((way) => isConversion(way) && way.client === 'responses'),
  ]
  test.for(table)('$client > $upstream: $trouble', async (each, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned(each.upstream).script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, each.upstream)] })

    const error = await readError(each.client, await relay.post(PATHS[each.client], each.body(RESTS[each.client])))

    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error' })
    expect(error.message).toMatch(each.words)
    expect(await relay.records(1)).toMatchObject([{ status: 400, reason: 'rejected', usageSource: 'missing' }])
    expect(upstream.requests).toHaveLength(0)
    await relay.idle()
  })

  test.for(DIALECTS)('%s: a body over the limit gets 413 before it has come', async (dialect, context) => {
    const relay = await openRelay(openStage(context), dialect)
    const client = await openRawClient(relay.url)
    client.write(requestHead(`POST ${PATHS[dialect]}`, { 'x-api-key': relay.key, 'content-length': 33 * 1024 * 1024 }))
    const answer = await client.receive(/\}$/)
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer.toLowerCase()).toContain('connection: close')
    expect(answer).toContain('32 MB')
    await client.closed
    expect(await relay.records(1)).toMatchObject([{ status: 413, reason: 'rejected' }])
  })

  test.for(DIALECTS)('%s: a chunked body over the limit gets 413', async (dialect, context) => {
    const relay = await openRelay(openStage(context), dialect)
    const client = await openRawClient(relay.url)
    client.write(requestHead(`POST ${PATHS[dialect]}`, { 'x-api-key': relay.key, 'transfer-encoding': 'chunked' }))
    const chunk = `100000\r\n${' '.repeat(0x10_00_00)}\r\n`
    for (let count = 0; count < 34; count += 1) client.write(chunk)
    expect(await client.receive(/\}$/)).toMatch(/^HTTP\/1\.1 413 /)
    await client.closed
    await relay.idle()
  })

  interface Refused {
    readonly megabytes: number
    readonly fields: Readonly<Record<string, string>>
    readonly status: number
  }
  const refusedWhileSending: readonly Refused[] = [
    { megabytes: 40, fields: {}, status: 413 },
    { megabytes: 12, fields: { 'x-api-key': 'rk_nobody_has_it' }, status: 401 },
    { megabytes: 12, fields: { 'content-encoding': 'compress' }, status: 415 },
  ]
  test.for(refusedWhileSending)(
    'a client that sends $megabytes MB before it reads hears $status',
    async ({ megabytes, fields, status }, context) => {
      const relay = await openRelay(openStage(context), 'chat')
      const client = await openRawClient(relay.url)
      const length = { 'content-length': megabytes * MEGABYTE }
      client.socket.pause()
      client.write(requestHead('POST /v1/chat/completions', { 'x-api-key': relay.key, ...length, ...fields }))
      let sent = 0
      while (sent < megabytes && (await isTaken(client, Buffer.alloc(MEGABYTE, ' ')))) sent += 1
      expect(sent).toBe(megabytes)
      client.socket.resume()
      expect(await client.receive(/\}$/)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      await client.closed
      await relay.idle()
    },
  )

  test('nobody may send on and on after a refusal', async (context) => {
    const relay = await openRelay(openStage(context), 'chat')
    const client = await openRawClient(relay.url)
    client.write(requestHead('POST /v1/chat/completions', { 'transfer-encoding': 'chunked' }))
    const chunk = Buffer.from(`100000\r\n${' '.repeat(MEGABYTE)}\r\n`)
    let sent = 0
    while (sent < 200 && (await isTaken(client, chunk))) sent += 1
    expect(sent).toBeLessThan(120)
    expect(client.received()).toMatch(/^HTTP\/1\.1 401 /)
  })

  test('a small body that decompresses to more than the limit gets 413', async (context) => {
    const relay = await openRelay(openStage(context), 'chat')
    const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024, ' '))
    const headers = { 'content-encoding': 'gzip' }
    const error = await readError('chat', await relay.post('/v1/chat/completions', bomb, { headers }))
    expect(error).toMatchObject({ status: 413, code: 'request_too_large' })
  })

  test.for(DIALECTS)('%s: an unknown coding gets 415 with the known ones', async (dialect, context) => {
    const relay = await openRelay(openStage(context), dialect)
    const error = await readError(dialect, await ask(relay, dialect, { headers: { 'content-encoding': 'compress' } }))
    expect(error.status).toBe(415)
    expect(error.message).toContain('gzip')
  })

  test('a coding that does not fit the bytes gets 400', async (context) => {
    const relay = await openRelay(openStage(context), 'chat')
    const error = await readError('chat', await ask(relay, 'chat', { headers: { 'content-encoding': 'gzip' } }))
    expect(error.status).toBe(400)
    await relay.idle()
  })
})

describe.concurrent('a body that is odd but fine', () => {
  const codings = [
    { coding: 'gzip', encode: gzipSync },
    { coding: 'br', encode: brotliCompressSync },
    { coding: 'zstd', encode: zstdCompressSync },
  ]
  test.for(codings)('in $coding is read', async ({ coding, encode }, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned('claude').script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude')] })
    const text = `{"model":"m",${RESTS.claude}}`
    const response = await relay.post('/v1/messages', encode(Buffer.from(text)), {
      headers: { 'content-encoding': coding },
    })
    expect(await readWhole('claude', response)).toBe(STORY)
    expect(upstream.requests[0]?.body.toString()).toBe(text)
    expect(upstream.requests[0]?.headers['content-encoding']).toBeUndefined()
  })

  test.for(WAYS)(
    '$client > $upstream: of two models the last one counts, and only it is sent',
    async (way, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(canned(way.upstream).script)
      const key = { permissions: { models: ['allowed-*'] } }
      const relay = await stage.relay({ accounts: [accountFor(upstream, way.upstream)], key })

      const sneaky = `{"model":"allowed-a",${RESTS[way.client]},"mod\\u0065l":"forbidden"}`
      const refused = await readError(way.client, await relay.post(PATHS[way.client], sneaky))
      expect(refused.status).toBe(way.client === 'claude' ? 403 : 400)

      const doubled = `{"model":"forbidden",${RESTS[way.client]},"extra":{"model":"x"},"model":"allowed-b"}`
      const response = await relay.post(PATHS[way.client], doubled)
      expect(await readWhole(way.client, response)).toBe(STORY)
      const sent = upstream.requests[0]?.body.toString() ?? ''
      expect(JSON.parse(sent)).toMatchObject({ model: 'allowed-b' })
      expect(sent).not.toContain('forbidden')
      expect(upstream.requests).toHaveLength(1)
    },
  )

  test.for(WAYS)('$client > $upstream: __proto__ and constructor are ordinary members', async (way, context) => {
    const stage = openStage(context)
    const upstream = await stage.upstream(canned(way.upstream).script)
    const relay = await stage.relay({ accounts: [accountFor(upstream, way.upstream)] })
    const body = `{"__proto__":{"stream":true,"model":"x"},"constructor":{"prototype":{"polluted":1}},"model":"m",${RESTS[way.client]}}`

    const response = await relay.post(PATHS[way.client], body)

    expect(await readWhole(way.client, response)).toBe(STORY)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    expect(upstream.requests[0]?.json).toMatchObject({ model: 'm' })
  })

  test.for(onBothPaths([{ depth: 10_000 }, { depth: 200_000 }]))(
    '$client > $upstream: a body nested $depth deep is answered, and others are served',
    async (each, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(canned(each.upstream).script)
      const relay = await stage.relay({ accounts: [accountFor(upstream, each.upstream)] })
      const deep = '['.repeat(each.depth) + ']'.repeat(each.depth)
      const schema = `{"type":"object","properties":{"x":${'{"items":'.repeat(each.depth)}{}${'}'.repeat(each.depth)}}}`
      const tool = TOOLS[each.client](schema)

      const unknown = await relay.post(PATHS[each.client], `{"model":"m","deep":${deep},${RESTS[each.client]}}`)
      const tools = await relay.post(PATHS[each.client], `{"model":"m","tools":[${tool}],${RESTS[each.client]}}`)

      expect([200, 400]).toContain(unknown.status)
      expect([200, 400]).toContain(tools.status)
      const after = await ask(relay, each.client, { isStream: false })
      expect(await readWhole(each.client, after)).toBe(STORY)
      await relay.idle()
    },
  )

  const members = Array.from({ length: 300_000 }, (_, index) => `"key ${index}":${index}`).join(',')
  const wide = [
    { place: 'an object', text: `"metadata":{${members}}`, passing: [200, 400] },
    { place: 'the body itself', text: members, passing: [400] },
  ]
  test.for(onBothPaths(wide))(
    '$client > $upstream: 300,000 members of $place are refused where they would be read',
    async ({ client, upstream: dialect, text, passing }, context) => {
      const stage = openStage(context)
      const upstream = await stage.upstream(canned(dialect).script)
      const relay = await stage.relay({ accounts: [accountFor(upstream, dialect)] })
      const response = await relay.post(PATHS[client], `{"model":"m",${text},${RESTS[client]}}`)
      expect(client === dialect ? passing : [400]).toContain(response.status)
      expect(await response.text()).toMatch(response.status === 400 ? /objects with more than 10000 members/ : /^\{/)
      expect(upstream.requests).toHaveLength(response.status === 200 ? 1 : 0)
      await relay.idle()
    },
  )

  test('unknown members are no reason to refuse', async (context) => {
    const relay = await openRelay(openStage(context), 'chat')
    const body = {
      weather: 'fine',
      thinking: { type: 'enabled', budget_tokens: 1024 },
      betas: ['x'],
      service_tier: 'auto',
    }
    const response = await ask(relay, 'claude', { isStream: false, body })
    expect(await readWhole('claude', response)).toBe(STORY)
  })
})
