import type { FakeAnswer, FakeReplyOptions, FakeUpstream } from '@relay/upstreams/testing'
import { describe, expect, test } from 'vitest'

import { ask, canned, WAYS } from './dialects.ts'
import { accountFor, openStage, type Dialect, type Stage, type TestRelay } from './harness.ts'

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const PDF = 'JVBERi0xLjQK'
const MANY_BYTES = 11 * 1024 * 1024

const PICTURE = reply(Buffer.from(PIXEL, 'base64'), 'image/jpeg') // it says JPEG and is PNG
const CONVERSIONS = WAYS.filter(({ client, upstream }) => client !== upstream)

function reply(body: string | Uint8Array, type: string): FakeAnswer {
  return { kind: 'reply', headers: { 'content-type': type }, body }
}

/** A picture that would need hours to come, if it comes at all. */
function slowly(pace: FakeReplyOptions): FakeAnswer {
  const body = Buffer.concat([Buffer.from(PIXEL, 'base64'), new Uint8Array(1024 * 1024)])
  return { kind: 'reply', headers: { 'content-type': 'image/png' }, body, ...pace }
}

function redirect(location: string): FakeAnswer {
  return { kind: 'reply', status: 302, headers: { location }, body: '' }
}

/** A question about what stands at an address. */
function about(client: Dialect, kind: 'image' | 'document', url: string): object {
  const words = {
    claude: { type: kind, source: { type: 'url', url } },
    chat: { type: 'image_url', image_url: { url } },
    responses: kind === 'image' ? { type: 'input_image', image_url: url } : { type: 'input_file', file_url: url },
  }
  const turns = [{ role: 'user', content: [words[client]] }]
  return client === 'responses' ? { input: turns } : { messages: turns }
}

interface Scene {
  readonly relay: TestRelay
  readonly upstream: FakeUpstream
}

/** A relay in front of an upstream that takes no addresses. */
async function open(stage: Stage, dialect: Dialect, fetchUrls = true): Promise<Scene> {
  const upstream = await stage.upstream(canned(dialect).script)
  const account = accountFor(upstream, dialect, { profile: { dialect: { fetchUrls, files: true } } })
  return { relay: await stage.relay({ accounts: [account] }), upstream }
}

/** What reached the upstream. */
function sent({ upstream }: Scene): string {
  return JSON.stringify(upstream.requests[0]?.json)
}

describe.concurrent('a picture at an address, for an upstream that takes bytes only', () => {
  test.for(CONVERSIONS)('$client → $upstream: is fetched and sent along', async ({ client, upstream }, context) => {
    const stage = openStage(context)
    const files = await stage.upstream(PICTURE)
    const scene = await open(stage, upstream)
    const answer = await ask(scene.relay, client, { body: about(client, 'image', `${files.url}/a.jpg?x=1#y`) })
    await answer.text()
    expect(answer.status).toBe(200)
    expect(sent(scene)).toContain(PIXEL)
    expect(sent(scene)).toContain('image/png')
    expect(sent(scene)).not.toContain(files.url)
    expect(files.requests).toHaveLength(1)
    expect(files.requests[0]?.url).toBe('/a.jpg?x=1')
    expect(files.requests[0]?.headers).not.toHaveProperty('authorization')
    expect(files.requests[0]?.headers).not.toHaveProperty('x-api-key')
  })

  test('is left alone where nobody asked for it, and where the body passes as it came', async (context) => {
    const stage = openStage(context)
    const files = await stage.upstream(PICTURE)
    const [plain, same] = [await open(stage, 'claude', false), await open(stage, 'chat')]
    const body = about('chat', 'image', `${files.url}/a.png`)
    for (const scene of [plain, same]) {
      await (await ask(scene.relay, 'chat', { body })).text()
      expect(sent(scene)).toContain(`${files.url}/a.png`)
    }
    expect(files.requests).toHaveLength(0)
  })

  test('is fetched where a rule says so', async (context) => {
    const stage = openStage(context)
    const [files, upstream] = [await stage.upstream(PICTURE), await stage.upstream(canned('claude').script)]
    const ops = [{ op: 'set', path: '/profile/dialect/fetchUrls', value: true }]
    const rules = { version: 1, rules: [{ id: 'bytes', phase: 'request.ir', ops }] }
    const relay = await stage.relay({ accounts: [accountFor(upstream, 'claude', { rules })] })
    await (await ask(relay, 'chat', { body: about('chat', 'image', `${files.url}/a.png`) })).text()
    expect(JSON.stringify(upstream.requests[0]?.json)).toContain(PIXEL)
    const [record] = await relay.records(1)
    expect(record?.losses.filter(({ code }) => code === 'rule_applied')).toHaveLength(1)
  })

  test('is followed where its server sends to, and fetched once for all places', async (context) => {
    const stage = openStage(context)
    const files = await stage.upstream(({ url }) => (url === '/moved' ? redirect('/there.png') : PICTURE))
    const scene = await open(stage, 'claude')
    const part = { type: 'image_url', image_url: { url: `${files.url}/moved` } }
    const body = { messages: [{ role: 'user', content: [part, part] }] }
    await (await ask(scene.relay, 'chat', { body })).text()
    expect(sent(scene).split(PIXEL)).toHaveLength(3)
    expect(files.requests.map(({ url }) => url)).toEqual(['/moved', '/there.png'])
  })

  test.for<[string, FakeAnswer | string, RegExp]>([
    ['an address of this network', 'http://10.0.0.1/a.png', /its address is not allowed here/],
    ['the address where clouds keep credentials', 'http://169.254.169.254/latest', /its address is not allowed here/],
    ['an address with a password', 'http://name:word@example.com/a.png', /its address cannot be used/],
    ['a server that sends on into this network', redirect('http://10.0.0.1/a.png'), /its address is not allowed here/],
    ['a server that sends on to a file', redirect('file:///etc/passwd'), /its address cannot be used/],
    ['a server that sends on for ever', redirect('/again'), /it is moved from one address to the next/],
    ['an endless body', reply(new Uint8Array(MANY_BYTES), 'image/png'), /it has more than 10 MB/],
    ['a body that trickles for ever', slowly({ pieceBytes: 1, pieceDelayMs: 50 }), /it took more than 10 s/],
    ['a body that stops in the middle', slowly({ stallAfterBytes: 9 }), /it took more than 10 s/],
    ['a server that takes the question and is silent', { kind: 'silence' }, /it took more than 10 s/],
    ['a page in its place', reply('<html>log in</html>', 'text/html'), /it is no JPEG, PNG, GIF or WebP/],
    [
      'a server without it',
      { kind: 'reply', status: 404, body: 'secret words' },
      /its server answered with status 404/,
    ],
    ['a server that hangs up', { kind: 'close' }, /it could not be fetched/],
  ])('is refused with its place: %s', { timeout: 60_000 }, async ([, given, reason], context) => {
    const stage = openStage(context)
    const url = typeof given === 'string' ? given : `${(await stage.upstream(given)).url}/a.png`
    const scene = await open(stage, 'claude')
    const answer = await ask(scene.relay, 'chat', { isStream: false, body: about('chat', 'image', url) })
    const { error } = JSON.parse(await answer.text())
    expect(answer.status).toBe(400)
    expect(error).toMatchObject({ code: 'unsupported_feature', param: '/messages/0/content/0' })
    expect(error.message).toMatch(reason)
    expect(error.message).not.toMatch(/10\.0\.0\.1|secret|RELAY_ALLOW/)
    expect(scene.upstream.requests).toHaveLength(0)
  })

  test('may not stand in a crowd', async (context) => {
    const stage = openStage(context)
    const files = await stage.upstream(PICTURE)
    const scene = await open(stage, 'claude')
    const content = Array.from({ length: 17 }, (_, index) => ({
      type: 'image_url',
      image_url: { url: `${files.url}/${index}.png` },
    }))
    const answer = await ask(scene.relay, 'chat', { body: { messages: [{ role: 'user', content }] } })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('at most 16 addresses')
    expect(files.requests).toHaveLength(16)
  })

  test('is shown by another account, which takes addresses, when it cannot be had', async (context) => {
    const stage = openStage(context)
    const [first, second] = [
      await stage.upstream(canned('claude').script),
      await stage.upstream(canned('claude').script),
    ]
    const relay = await stage.relay({
      accounts: [
        accountFor(first, 'claude', { name: 'bytes', priority: 1, profile: { dialect: { fetchUrls: true } } }),
        accountFor(second, 'claude', { name: 'addresses', priority: 2 }),
      ],
    })
    const answer = await ask(relay, 'chat', { body: about('chat', 'image', 'http://10.0.0.1/a.png') })
    await answer.text()
    expect([answer.status, first.requests.length, second.requests.length]).toEqual([200, 0, 1])
  })
})

describe.concurrent('a document at an address', () => {
  test.for(CONVERSIONS.filter(({ client }) => client !== 'chat'))(
    '$client → $upstream: is fetched and sent along',
    async ({ client, upstream }, context) => {
      const stage = openStage(context)
      const files = await stage.upstream(reply(Buffer.from(PDF, 'base64'), 'application/octet-stream'))
      const scene = await open(stage, upstream)
      await (await ask(scene.relay, client, { body: about(client, 'document', `${files.url}/a.pdf`) })).text()
      expect(sent(scene)).toContain(PDF)
      expect(sent(scene)).not.toContain(files.url)
    },
  )

  test('that is text goes as its words', async (context) => {
    const stage = openStage(context)
    const files = await stage.upstream(reply('the words of the document', 'text/plain; charset=utf-8'))
    const scene = await open(stage, 'chat')
    await (await ask(scene.relay, 'claude', { body: about('claude', 'document', `${files.url}/a.txt`) })).text()
    expect(sent(scene)).toContain('the words of the document')
  })

  test('stays a link, and is told, when it cannot be had', async (context) => {
    const stage = openStage(context)
    const scene = await open(stage, 'chat')
    const url = 'http://10.0.0.1/a.pdf'
    const answer = await ask(scene.relay, 'claude', { body: about('claude', 'document', url) })
    await answer.text()
    expect(answer.status).toBe(200)
    expect(sent(scene)).toContain(`[document: ${url}]`)
    const [record] = await scene.relay.records(1)
    expect(record?.losses).toContainEqual(expect.objectContaining({ code: 'media_linked', level: 'degraded' }))
  })
})
