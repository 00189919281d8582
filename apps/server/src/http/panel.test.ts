import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'

import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { PANEL_PATH } from '../admin-api/contract/index.ts'
import { createPanel } from './panel.ts'

const PAGE = '<!doctype html><title>Relay</title>'
const SCRIPT = 'console.log("relay")'
const SECRET = 'outside the panel'

let folder: string
let app: Hono

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-panel-'))
  writeFileSync(join(folder, 'secret.txt'), SECRET)
  const directory = join(folder, 'build')
  const immutable = join(directory, '_app', 'immutable')
  mkdirSync(immutable, { recursive: true })
  writeFileSync(join(directory, '200.html'), PAGE)
  writeFileSync(join(directory, 'favicon.svg'), '<svg/>')
  writeFileSync(join(immutable, 'app.abc123.js'), SCRIPT)
  writeFileSync(join(immutable, 'app.abc123.js.br'), brotliCompressSync(SCRIPT))
  writeFileSync(join(immutable, 'app.abc123.js.gz'), gzipSync(SCRIPT))
  symlinkSync(join(folder, 'secret.txt'), join(directory, 'link.txt'))
  app = new Hono().route(PANEL_PATH, createPanel({ directory }))
  // A file that comes later was not there at the start, and is not served.
  writeFileSync(join(directory, 'later.txt'), SECRET)
})

afterAll(() => rmSync(folder, { recursive: true }))

const get = (path: string, headers: Record<string, string> = {}) => app.request(`${PANEL_PATH}${path}`, { headers })

test.for(['', '/', '/requests', '/login?next=x', '/some/deep/link'])('the page answers %s', async (path) => {
  const answer = await get(path)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(answer.headers.get('cache-control')).toBe('no-cache')
  expect(await answer.text()).toBe(PAGE)
})

test('files with a hash in their name may be kept for ever, the others are asked for again', async () => {
  const hashed = await get('/_app/immutable/app.abc123.js')
  expect(hashed.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(hashed.headers.get('content-type')).toBe('text/javascript; charset=utf-8')

  const icon = await get('/favicon.svg')
  expect(icon.headers.get('cache-control')).toBe('no-cache')
  const tag = icon.headers.get('etag') ?? ''
  const again = await get('/favicon.svg', { 'if-none-match': tag })
  expect(again.status).toBe(304)
  expect(await again.text()).toBe('')
})

test.for([
  { accepted: 'gzip, deflate, br', encoding: 'br', decode: brotliDecompressSync },
  { accepted: 'gzip', encoding: 'gzip', decode: gunzipSync },
  { accepted: 'br;q=0, gzip;q=0.5', encoding: 'gzip', decode: gunzipSync },
  { accepted: 'identity', encoding: null, decode: Buffer.from },
  { accepted: '', encoding: null, decode: Buffer.from },
])('"$accepted" is answered in $encoding', async ({ accepted, encoding, decode }) => {
  const answer = await get('/_app/immutable/app.abc123.js', { 'accept-encoding': accepted })
  expect(answer.headers.get('content-encoding')).toBe(encoding)
  expect(answer.headers.get('vary')).toBe('Accept-Encoding')
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect(bytes.byteLength).toBe(Number(answer.headers.get('content-length')))
  expect(decode(bytes).toString()).toBe(SCRIPT)
})

test('HEAD says the same as GET, without a body', async () => {
  const answer = await app.request(`${PANEL_PATH}/favicon.svg`, { method: 'HEAD' })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-length')).toBe('6')
  expect(await answer.text()).toBe('')
})

test('other methods are refused', async () => {
  const answer = await app.request(`${PANEL_PATH}/requests`, { method: 'POST' })
  expect(answer.status).toBe(405)
  expect(answer.headers.get('allow')).toBe('GET, HEAD')
})

test.for(['/_app/immutable/gone.js', '/later.txt', '/link.txt', '/app.css', '/200.html.br'])(
  '%s is no file of the panel',
  async (path) => {
    const answer = await get(path)
    expect(answer.status).toBe(404)
    expect(await answer.text()).not.toContain(SECRET)
  },
)

test('no path leads out of the folder, byte for byte as a socket can send it', async () => {
  const server = createAdaptorServer({ fetch: app.fetch })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const ask = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port, path }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => (text += part))
        answer.on('end', () => resolve(`${answer.statusCode} ${text}`))
      })
      call.on('error', reject).end()
    })
  try {
    const detours = [
      '../secret.txt',
      '..%2fsecret.txt',
      '%2e%2e/secret.txt',
      '..%5csecret.txt',
      '_app/../../secret.txt',
      './/../secret.txt',
      '%00',
      '....//secret.txt',
      `${folder}/secret.txt`,
    ]
    for (const detour of detours) expect(await ask(`${PANEL_PATH}/${detour}`)).not.toContain(SECRET)
  } finally {
    server.close()
  }
})

test('every answer says that only our own files may run', async () => {
  for (const path of ['/', '/favicon.svg', '/gone.js']) {
    const { headers } = await get(path)
    expect(headers.get('content-security-policy')).toMatch(/default-src 'self'.*frame-ancestors 'none'/)
    expect(headers.get('content-security-policy')).not.toContain('unsafe')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  }
})

test.for([undefined, '/nowhere/at/all'])('a panel that was not built says how to build it (%s)', async (directory) => {
  const bare = new Hono().route(PANEL_PATH, createPanel({ directory }))
  const answer = await bare.request(`${PANEL_PATH}/requests`)
  expect(answer.status).toBe(503)
  expect(await answer.text()).toContain('pnpm build')
})
