import type { IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'

import { afterEach, describe, expect, test } from 'vitest'

import { jsonReply, startFakeProxy, startFakeUpstream } from '../testing/index.ts'
import type { FakeProxy, FakeProxyOptions, FakeUpstream } from '../testing/index.ts'
import { createSender } from './create-sender.ts'
import type { SenderOptions } from './create-sender.ts'
import { createNetworkGuard } from './network-guard.ts'
import { readProxyUrl } from './proxy-url.ts'
import type { Sender, UpstreamRequest } from './upstream-call.ts'

/** Of the tests only; nobody trusts it who is not told to. For 127.0.0.1 and upstream.test, until 2126. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBojCCAUegAwIBAgIUE5qcKXQo4npj8YbzMkPJxdF8b/owCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKcmVsYXkgdGVzdDAgFw0yNjExMjgwODAzMDVaGA8yMTI2MTEw
NDA4MDMwNVowFTETMBEGA1UEAwwKcmVsYXkgdGVzdDBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABBdvUlp81CZNkGe7pTbi8yPm9lHDqr2WnZ+YxswuxuP6SX8DwG51
tO73aIBNaQMey5/7xNtiXgbeYSx7/rE4b+2jczBxMB0GA1UdDgQWBBT1mUS0SK9A
jtxZLAIsnTOpQnH/9jAfBgNVHSMEGDAWgBT1mUS0SK9AjtxZLAIsnTOpQnH/9jAP
BgNVHRMBAf8EBTADAQH/MB4GA1UdEQQXMBWCDXVwc3RyZWFtLnRlc3SHBH8AAAEw
CgYIKoZIzj0EAwIDSQAwRgIhAKYx++zMSwcT8Ti79rfs7e8Uic7JaIP5hn7zWcMs
oTxvAiEA0Plr6LTvDz/floBbBeTcd4NeDVXQ3r4UCJ/dyRqIUQI=
-----END CERTIFICATE-----
`
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQguwVvaPm5lfN3qY4d
wvprfCPPXx7ivAhIOj8lb4/dPQKhRANCAAQXb1JafNQmTZBnu6U24vMj5vZRw6q9
lp2fmMbMLsbj+kl/A8BudbTu92iATWkDHsuf+8TbYl4G3mEse/6xOG/t
-----END PRIVATE KEY-----
`

/** A name that leads to where clouds hand out credentials. */
const toMetadata: SenderOptions['resolveHost'] = (_host, callback) =>
  callback(null, [{ address: '169.254.169.254', family: 4 }])

/** A name with a public address and a private one. */
const toBoth: SenderOptions['resolveHost'] = (_host, callback) =>
  callback(null, [
    { address: '8.8.8.8', family: 4 },
    { address: '10.0.0.7', family: 4 },
  ])

/** Names are looked up nowhere but at the proxy. */
const toNowhere: SenderOptions['resolveHost'] = (_host, callback) =>
  callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), [])

const CREDENTIAL = { username: 'user', password: 'p@ss word' }
const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step()
})

async function fakeProxy(options: FakeProxyOptions): Promise<FakeProxy> {
  const proxy = await startFakeProxy(options)
  cleanUp.push(() => proxy.close())
  return proxy
}

async function fakeUpstream(): Promise<FakeUpstream> {
  const upstream = await startFakeUpstream(jsonReply({ ok: true }))
  cleanUp.push(() => upstream.close())
  return upstream
}

async function tlsUpstream(): Promise<string> {
  const server = createTlsServer({ cert: CERTIFICATE, key: KEY }, (_request, response) => response.end('{"ok":true}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => server.close().closeAllConnections())
  return `https://upstream.test:${(server.address() as AddressInfo).port}` // a listening TCP server has one
}

/** A proxy that is spoken to over TLS; `asked` are the heads that came out of it. */
async function tlsProxy(): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = []
  const server = createTlsServer({ cert: CERTIFICATE, key: KEY })
  server.on('connect', ({ url = '', headers }: IncomingMessage, socket: Socket) => {
    asked.push(`${url} ${headers['proxy-authorization'] ?? ''}`)
    const onward = connect(Number(url.split(':').at(-1)), '127.0.0.1')
    for (const end of [socket, onward]) end.on('error', () => end.destroy())
    socket.on('close', () => onward.destroy())
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    socket.pipe(onward).pipe(socket)
    cleanUp.push(() => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo // a listening TCP server has one
  return { url: `https://user:p%40ss%20word@127.0.0.1:${port}`, asked }
}

function sender(options: Partial<SenderOptions> = {}): Sender {
  const made = createSender({
    guard: createNetworkGuard({ allowLoopback: true }),
    resolveHost: (_host, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    ...options,
  })
  cleanUp.push(() => made.close())
  return made
}

function request(url: string, route: Pick<UpstreamRequest, 'proxyUrl' | 'tlsCa'>): UpstreamRequest {
  const timeouts = { connectMs: 5_000, headersMs: 5_000, idleMs: 5_000, totalMs: 20_000 }
  return {
    poolKey: 'account-1',
    method: 'POST',
    url: `${url}/v1/messages`,
    headers: [],
    body: '{}',
    timeouts,
    ...route,
  }
}

function proxyUrl(scheme: string, { port }: FakeProxy, userinfo = ''): string {
  return `${scheme}://${userinfo}127.0.0.1:${port}`
}

describe('through a proxy', () => {
  const kinds = [
    { scheme: 'http', kind: 'http', seen: 'upstream.test' },
    { scheme: 'socks5', kind: 'socks5', seen: '127.0.0.1' },
    { scheme: 'socks5h', kind: 'socks5', seen: 'upstream.test' },
  ] as const

  test.for(kinds)('$scheme: the request reaches the upstream, and the connection is kept', async (each) => {
    const [upstream, proxy] = [await fakeUpstream(), await fakeProxy(each)]
    const sent = sender()
    const asked = request(`http://upstream.test:${upstream.port}`, { proxyUrl: proxyUrl(each.scheme, proxy) })
    expect(await sent.sendWhole(asked)).toMatchObject({ ok: true, answer: { status: 200 } })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await sent.sendWhole(asked)).toMatchObject({ ok: true })
    expect(proxy.ends).toEqual([`${each.seen}:${upstream.port}`])
    expect(upstream.requests).toHaveLength(2)
  })

  test.for(kinds)('$scheme: TLS goes through, and trusts the authority of the account alone', async (each) => {
    const [url, proxy] = [await tlsUpstream(), await fakeProxy(each)]
    const through = { proxyUrl: proxyUrl(each.scheme, proxy) }
    expect(await sender().sendWhole(request(url, through))).toMatchObject({
      ok: false,
      failure: { code: 'certificate-refused' },
    })
    const trusting = request(url, { ...through, tlsCa: CERTIFICATE })
    expect(await sender().sendWhole(trusting)).toMatchObject({ ok: true })
  })

  test.for(kinds)('$scheme: user name and password are shown where they are wanted', async (each) => {
    const [upstream, proxy] = [await fakeUpstream(), await fakeProxy({ ...each, credential: CREDENTIAL })]
    const url = `http://upstream.test:${upstream.port}`
    const right = request(url, { proxyUrl: proxyUrl(each.scheme, proxy, 'user:p%40ss%20word@') })
    expect(await sender().sendWhole(right)).toMatchObject({ ok: true })
    const wrong = await sender().sendWhole(request(url, { proxyUrl: proxyUrl(each.scheme, proxy, 'user:wrong@') }))
    expect(wrong).toMatchObject({ ok: false, failure: { code: 'proxy-refused' } })
    expect(JSON.stringify(wrong)).toContain(`the proxy 127.0.0.1:${proxy.port} wants another user name or password`)
    expect(JSON.stringify(wrong)).not.toContain('wrong')
    const without = await sender().sendWhole(request(url, { proxyUrl: proxyUrl(each.scheme, proxy) }))
    expect(without).toMatchObject({ ok: false, failure: { code: 'proxy-refused' } })
    expect(JSON.stringify(without)).toContain('wants a user name and password')
  })

  test.for(kinds)('$scheme: a proxy that says no is connect-failed, with its reason', async (each) => {
    const [upstream, proxy] = [await fakeUpstream(), await fakeProxy({ ...each, isRefusing: true })]
    const asked = request(`http://upstream.test:${upstream.port}`, { proxyUrl: proxyUrl(each.scheme, proxy) })
    const failure = await sender().sendWhole(asked)
    expect(failure).toMatchObject({ ok: false, failure: { code: 'connect-failed' } })
    expect(JSON.stringify(failure)).toContain('the proxy refused the connection')
  })

  test.for(['http', 'https'])('https: a %s upstream is reached, the proxy being spoken to over TLS', async (scheme) => {
    const proxy = await tlsProxy()
    const upstream = await fakeUpstream()
    const url = scheme === 'https' ? await tlsUpstream() : `http://upstream.test:${upstream.port}`
    const asked = request(url, { proxyUrl: proxy.url, tlsCa: CERTIFICATE })
    expect(await sender().sendWhole(asked)).toMatchObject({ ok: true, answer: { status: 200 } })
    const shown = Buffer.from('user:p@ss word').toString('base64')
    expect(proxy.asked).toEqual([`${new URL(url).host} Basic ${shown}`])
  })

  test('https: a proxy whose certificate nobody vouches for is certificate-refused, and is told nothing', async () => {
    const proxy = await tlsProxy()
    const upstream = await fakeUpstream()
    const asked = request(`http://upstream.test:${upstream.port}`, { proxyUrl: proxy.url })
    expect(await sender().sendWhole(asked)).toMatchObject({ ok: false, failure: { code: 'certificate-refused' } })
    expect(proxy.asked).toEqual([])
  })

  test('the proxy itself has to pass the guard', async () => {
    const [upstream, proxy] = [await fakeUpstream(), await fakeProxy({ kind: 'http' })]
    const guard = createNetworkGuard({ allow: [`127.0.0.1:${upstream.port}`] })
    const asked = request(`http://127.0.0.1:${upstream.port}`, { proxyUrl: proxyUrl('http', proxy) })
    expect(await sender({ guard }).sendWhole(asked)).toMatchObject({ ok: false, failure: { code: 'blocked-address' } })
    expect(proxy.ends).toEqual([])
  })

  test.for(kinds)('$scheme: an upstream that the guard refuses is not asked of a proxy either', async (each) => {
    const proxy = await fakeProxy(each)
    for (const host of ['169.254.169.254', 'metadata.test']) {
      const asked = request(`http://${host}`, { proxyUrl: proxyUrl(each.scheme, proxy) })
      const result = await sender({ resolveHost: toMetadata }).sendWhole(asked)
      expect(result).toMatchObject({ ok: false, failure: { code: 'blocked-address' } })
    }
    expect(proxy.ends).toEqual([])
  })

  const nameKnowing = kinds.filter(({ scheme }) => scheme !== 'socks5')

  test.for(nameKnowing)(
    '$scheme: a name with one forbidden address is refused: the proxy would choose',
    async (each) => {
      const proxy = await fakeProxy(each)
      const asked = request('http://mixed.test', { proxyUrl: proxyUrl(each.scheme, proxy) })
      const result = await sender({ resolveHost: toBoth }).sendWhole(asked)
      expect(result).toMatchObject({ ok: false, failure: { code: 'blocked-address' } })
      expect(proxy.ends).toEqual([])
    },
  )

  test.for(nameKnowing)(
    '$scheme: of names without an address here, only those that can be public go on',
    async (each) => {
      const [upstream, proxy] = [await fakeUpstream(), await fakeProxy(each)]
      const through = { proxyUrl: proxyUrl(each.scheme, proxy) }
      const listed = createNetworkGuard({ allowLoopback: true, allow: [`model.lan:${upstream.port}`] })
      const sent = sender({ resolveHost: toNowhere, guard: listed })
      for (const host of ['metadata.google.internal', 'vault', 'printer.local', 'Router.Home.Arpa.']) {
        const result = await sent.sendWhole(request(`http://${host}:${upstream.port}`, through))
        expect(result).toMatchObject({ ok: false, failure: { code: 'blocked-address' } })
      }
      for (const host of ['upstream.test', 'model.lan'])
        expect(await sent.sendWhole(request(`http://${host}:${upstream.port}`, through))).toMatchObject({ ok: true })
      expect(proxy.ends).toEqual([`upstream.test:${upstream.port}`, `model.lan:${upstream.port}`])
    },
  )

  test('a proxy that sends more than its answer is connect-failed, and is asked once', async () => {
    let connections = 0
    const talkative = createTcpServer((socket) => {
      connections += 1
      socket.on('error', () => socket.destroy())
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
    })
    await new Promise<void>((resolve) => talkative.listen(0, '127.0.0.1', resolve))
    cleanUp.push(() => talkative.close())
    const { port } = talkative.address() as AddressInfo // a listening TCP server has one
    const asked = request('http://upstream.test:9', { proxyUrl: `http://127.0.0.1:${port}` })
    expect(await sender().sendWhole(asked)).toMatchObject({ ok: false, failure: { code: 'connect-failed' } })
    expect(connections).toBe(1)
  })

  test('a proxy that never answers is connect-timeout', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => socket.destroy()).resume())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    cleanUp.push(() => silent.close())
    const { port } = silent.address() as AddressInfo // a listening TCP server has one
    const asked = request('http://upstream.test:9', { proxyUrl: `socks5://127.0.0.1:${port}` })
    const impatient = { ...asked, timeouts: { ...asked.timeouts, connectMs: 100 } }
    expect(await sender().sendWhole(impatient)).toMatchObject({ ok: false, failure: { code: 'connect-timeout' } })
  })
})

describe('an own authority without a proxy', () => {
  test('is trusted beside the usual ones', async () => {
    const url = await tlsUpstream()
    const distrusting = await sender().sendWhole(request(url, {}))
    expect(distrusting).toMatchObject({ ok: false, failure: { code: 'certificate-refused' } })
    expect(await sender().sendWhole(request(url, { tlsCa: CERTIFICATE }))).toMatchObject({ ok: true })
  })

  test('that is none vouches for nobody', async () => {
    const result = await sender().sendWhole(request(await tlsUpstream(), { tlsCa: 'no certificate' }))
    expect(result).toMatchObject({ ok: false, failure: { code: 'certificate-refused' } })
  })
})

test.for(['ftp://proxy', 'proxy:3128', 'http://', 'http://proxy/path', 'socks4://proxy'])(
  '%s is no address of a proxy',
  (text) => expect(() => readProxyUrl(text)).toThrow(/proxy/),
)
