import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import type { TestContext } from 'vitest'
import { expect } from 'vitest'

import { PASSWORD } from './admin-harness.ts'
import { findLine, launchRelay, makeFolder } from './relay-process.ts'

export const ENCRYPTION_KEY = 'dA8-encryption-of-the-data-set-tests-v5Yt'
export const JWT_SECRET = 'sE2-sessions-of-the-data-set-tests-j7Lp-03'
const LIMIT_MS = 120_000

export type Json = ReturnType<typeof JSON.parse>

/** A relay in a process of its own, and someone who is signed in to its admin API. */
export interface SignedInRelay {
  readonly url: string
  readonly dataDir: string
  readonly key: string
  /** Of the session, for a browser. */
  readonly token: () => string
  call(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: Json }>
  /** Calls what answers in lines. */
  work(path: string, body: unknown): Promise<readonly Json[]>
  upload(bytes: Uint8Array<ArrayBuffer> | string): Promise<string>
  download(id: string): Promise<Response>
  /** Waits until the server has started again and signs in anew. */
  signInAgain(password?: string): Promise<void>
  names(): Promise<readonly string[]>
}

/** Starts it on a port of its own, which it keeps when it starts again.
 * @param environment - without secrets Relay makes its own */
export async function openSignedInRelay(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  environment: Readonly<Record<string, string>> = { ENCRYPTION_KEY, JWT_SECRET },
): Promise<SignedInRelay> {
  const folder = makeFolder()
  const dataDir = join(folder.path, 'data')
  const port = String(await findFreePort())
  const run = launchRelay(['start', '--json', '--port', port], {
    folder: folder.path,
    environment: { DATA_DIR: dataDir, ...environment },
    limitMs: LIMIT_MS,
  })
  onTestFinished(async () => {
    run.signal('SIGKILL')
    await run.ended
    folder.remove()
  })
  const welcome: Record<string, string> = JSON.parse(await findLine(run, '"panelUrl"'))
  const url = `http://127.0.0.1:${port}`
  let cookie = ''

  async function send(
    method: string,
    path: string,
    init: { body?: string | Uint8Array<ArrayBuffer>; type?: string } = {},
  ): Promise<Response> {
    const answer = await fetch(`${url}/admin/api${path}`, {
      method,
      headers: { 'x-relay-admin': '1', origin: url, cookie, 'content-type': init.type ?? 'application/json' },
      ...(init.body === undefined ? {} : { body: init.body }),
    })
    const set = answer.headers.get('set-cookie')
    if (set !== null) cookie = /max-age=0/i.test(set) ? '' : (set.split(';')[0] ?? '')
    return answer
  }

  async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }> {
    const answer = await send(method, path, body === undefined ? {} : { body: JSON.stringify(body) })
    return { status: answer.status, body: await answer.json() }
  }

  async function signIn(password: string): Promise<void> {
    expect(await call('POST', '/session', { name: 'admin', password })).toMatchObject({ status: 200 })
  }

  const first = welcome['adminPassword'] ?? ''
  await signIn(first)
  await call('POST', '/session/password', { currentPassword: first, newPassword: PASSWORD })
  await signIn(PASSWORD)
  return {
    url,
    dataDir,
    key: welcome['relayKey'] ?? '',
    token: () => cookie.slice(cookie.indexOf('=') + 1),
    call,
    async work(path, body) {
      const answer = await send('POST', path, { body: JSON.stringify(body) })
      const text = await answer.text()
      expect([answer.headers.get('content-type'), text]).toEqual(['application/x-ndjson', text])
      return text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    },
    async upload(bytes) {
      const answer = await send('POST', '/data/files', { body: bytes, type: 'application/octet-stream' })
      expect(answer.status).toBe(200)
      return ((await answer.json()) as { id: string }).id
    },
    download: async (id) => send('GET', `/data/files/${id}`),
    async signInAgain(password = PASSWORD) {
      await expect
        .poll(async () => (await call('GET', '/session').catch(() => undefined))?.body?.state, { timeout: 30_000 })
        .toBe('none')
      await signIn(password)
    },
    names: async () =>
      (await call('GET', '/accounts')).body.accounts
        .filter(({ isDemo }: { isDemo?: boolean }) => isDemo !== true)
        .map(({ name }: { name: string }) => name),
  }
}

export async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
