import { describe, expect, test } from 'vitest'

import { ask, canned, DIALECTS, readStream, readWhole, STORY } from './dialects.ts'
import { accountFor, openStage, type Dialect } from './harness.ts'

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const IMAGES: Readonly<Record<Dialect, object>> = {
  claude: userTurn({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } }),
  chat: userTurn({ type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } }),
  responses: { input: userTurn({ type: 'input_image', image_url: `data:image/png;base64,${PIXEL}` }).messages },
}

const PDF = 'JVBERi0xLjQK'
const DOCUMENTS: Readonly<Record<Dialect, object>> = {
  claude: userTurn({ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF } }),
  chat: userTurn({ type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` } }),
  responses: {
    input: userTurn({ type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` })
      .messages,
  },
}

function userTurn(part: object): { readonly messages: readonly object[] } {
  return { messages: [{ role: 'user', content: [part] }] }
}

const SEARCH = { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }] }
const OWN_TOOL = { name: 'look', input_schema: { type: 'object', properties: {} } }

describe.concurrent('what a request contains', () => {
  test.for(DIALECTS)('%s: an image goes to the account that takes images', async (client, context) => {
    const stage = openStage(context)
    const [blind, seeing] = [await stage.upstream(canned('chat').script), await stage.upstream(canned('chat').script)]
    const profile = { dialect: { contentMustBeString: true } }
    const relay = await stage.relay({
      accounts: [
        accountFor(blind, 'chat', { name: 'blind', priority: 1, profile }),
        accountFor(seeing, 'chat', { name: 'seeing', priority: 2 }),
      ],
    })
    await (await ask(relay, client, { body: IMAGES[client] })).text()
    await (await ask(relay, client, { prompt: 'what is {"type":"image"}?' })).text()
    expect((await relay.records(2)).map(({ accountName }) => accountName)).toEqual(['seeing', 'blind'])
  })

  test.for(DIALECTS)('%s: a document goes to the account that takes documents', async (client, context) => {
    const stage = openStage(context)
    const [blind, reading] = [await stage.upstream(canned('chat').script), await stage.upstream(canned('chat').script)]
    const relay = await stage.relay({
      accounts: [
        accountFor(blind, 'chat', { name: 'blind', priority: 1, profile: { dialect: { files: false } } }),
        accountFor(blind, 'chat', {
          name: 'takes text only',
          priority: 2,
          profile: { dialect: { files: true, contentMustBeString: true } },
        }),
        accountFor(reading, 'chat', { name: 'reading', priority: 3, profile: { dialect: { files: true } } }),
      ],
    })
    await (await ask(relay, client, { body: DOCUMENTS[client] })).text()
    await (await ask(relay, client, { prompt: 'what is {"type":"document"}?' })).text()
    expect((await relay.records(2)).map(({ accountName }) => accountName)).toEqual(['reading', 'blind'])
    expect(JSON.stringify(reading.requests[0]?.json)).toContain(PDF)
  })

  test('an account is asked all the same where no other one is left', async (context) => {
    const stage = openStage(context)
    const blind = await stage.upstream(canned('chat').script)
    const account = accountFor(blind, 'chat', { profile: { dialect: { contentMustBeString: true } } })
    const relay = await stage.relay({ accounts: [account] })
    await (await ask(relay, 'claude', { body: IMAGES.claude })).text()
    expect(blind.requests).toHaveLength(1)
  })

  test('a long prompt goes to the model that has room for it', async (context) => {
    const stage = openStage(context)
    const [small, large] = [await stage.upstream(canned('chat').script), await stage.upstream(canned('chat').script)]
    const relay = await stage.relay({
      accounts: [
        accountFor(small, 'chat', { name: 'small', priority: 1, models: { m: 'gpt-4' } }), // 8,192 tokens
        accountFor(large, 'chat', { name: 'large', priority: 2, models: { m: 'gpt-4.1' } }),
      ],
    })
    await (await ask(relay, 'chat', { prompt: 'word '.repeat(20_000), body: { model: 'm' } })).text()
    await (await ask(relay, 'chat', { body: { model: 'm' } })).text()
    expect((await relay.records(2)).map(({ accountName }) => accountName)).toEqual(['large', 'small'])
  })

  test('a prompt that seems too long for every model goes where most room is', async (context) => {
    const stage = openStage(context)
    const [small, large] = [await stage.upstream(canned('chat').script), await stage.upstream(canned('chat').script)]
    const relay = await stage.relay({
      accounts: [
        accountFor(small, 'chat', { name: 'small', priority: 1, models: { m: 'gpt-4' } }), // 8,192 tokens
        accountFor(large, 'chat', { name: 'large', priority: 2, models: { m: 'gpt-4o' } }), // 128,000
      ],
    })
    await (await ask(relay, 'chat', { prompt: 'word '.repeat(150_000), body: { model: 'm' } })).text()
    expect((await relay.records(1)).map(({ accountName }) => accountName)).toEqual(['large'])
  })
})

test.for([
  ['claude', { type: 'code_execution_20250825', name: 'code_execution' }, 'claude'],
  ['responses', { type: 'file_search', vector_store_ids: ['vs_1'] }, 'responses'],
  ['responses', { type: 'mcp', server_label: 'docs', server_url: 'https://mcp.example/' }, 'responses'],
  ['claude', { name: 'run', input_schema: { type: 'object' } }, 'chat'],
  ['responses', { type: 'function', name: 'run', parameters: { type: 'object', properties: {} } }, 'chat'],
] as const)('%s: a request with the tool %j goes to %s', async ([client, tool, taker], context) => {
  const stage = openStage(context)
  const chat = await stage.upstream(canned('chat').script)
  const native = await stage.upstream(canned(client).script)
  const relay = await stage.relay({
    accounts: [
      accountFor(chat, 'chat', { name: 'chat', priority: 1 }),
      accountFor(native, client, { name: client, priority: 2 }),
    ],
  })
  expect((await ask(relay, client, { isStream: false, body: { tools: [tool] } })).status).toBe(200)
  expect(await relay.records(1)).toMatchObject([{ accountName: taker }])
})

describe.concurrent('a search of the web on the side', () => {
  test('goes to the account that has the tool', async (context) => {
    const stage = openStage(context)
    const [plain, searching] = [
      await stage.upstream(canned('chat').script),
      await stage.upstream(canned('responses').script),
    ]
    const relay = await stage.relay({
      accounts: [
        accountFor(plain, 'chat', { name: 'plain', priority: 1 }),
        accountFor(searching, 'responses', { priority: 2, type: 'openai-responses', apiFormat: 'openai-responses' }),
      ],
    })
    const answer = readStream('claude', await (await ask(relay, 'claude', { body: SEARCH })).text())
    expect(answer).toMatchObject({ text: STORY, isComplete: true })
    expect(searching.requests[0]?.json).toMatchObject({ tools: [{ type: 'web_search' }] })
    expect(plain.requests).toHaveLength(0)
  })

  test.for([true, false])('gets the format’s own error where none has it (stream: %s)', async (isStream, context) => {
    const stage = openStage(context)
    const plain = await stage.upstream(canned('chat').script)
    const relay = await stage.relay({ accounts: [accountFor(plain, 'chat')] })

    const response = await ask(relay, 'claude', { isStream, body: SEARCH })

    expect(response.status).toBe(200)
    const text = await response.text()
    expect(text).toContain('"error_code":"unavailable"')
    expect(text).not.toContain('"type":"text"')
    expect(text.match(/"caller":{"type":"direct"}/g)).toHaveLength(2)
    for (const member of ['"stop_details":null', '"container":null', '"server_tool_use":null'])
      expect(text).toContain(member)
    expect(text).toMatch(isStream ? /event: message_stop\ndata: [^\n]+\n\n$/ : /"stop_reason":"end_turn"/)
    expect(plain.requests).toHaveLength(0)
    expect(await relay.records(1)).toMatchObject([{ status: 200, reason: 'completed', usageSource: 'missing' }])
    await relay.idle()
  })

  test('is dropped from a request that has other tools', async (context) => {
    const stage = openStage(context)
    const plain = await stage.upstream(canned('chat').script)
    const relay = await stage.relay({ accounts: [accountFor(plain, 'chat')] })
    const body = { tools: [...SEARCH.tools, OWN_TOOL] }
    const response = await ask(relay, 'claude', { isStream: false, body })
    expect(await readWhole('claude', response)).toBe(STORY)
    expect(plain.requests).toHaveLength(1)
  })
})
