import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { openSqliteStore } from '@relay/account-store'
import type { AdminRole } from '@relay/account-store'
import { hasRedisServer, startRedisServer } from '@relay/account-store/testing'
import { describe, expect, test } from 'vitest'

import { PASSWORD } from './admin-harness.ts'
import { ENCRYPTION_KEY, findFreePort, JWT_SECRET, openSignedInRelay } from './signed-in-relay.ts'
import type { Json, SignedInRelay } from './signed-in-relay.ts'

const CREDENTIAL = 'sk-carried-credential-9931'
const PASSPHRASE = 'a passphrase of several words'
const LIMIT_MS = 120_000

function account(name: string): object {
  return { name, type: 'openai-chat', baseUrl: 'https://upstream.example', credential: CREDENTIAL }
}

const last = (lines: readonly Json[]): Json => lines.at(-1)

async function actionsOf(stage: SignedInRelay): Promise<readonly Json[]> {
  return (await stage.call('GET', '/audit')).body.entries
}

describe('the data set as a whole, from the admin API', { timeout: LIMIT_MS }, () => {
  test('goes out under a passphrase and comes back in the place of another, by a start of its own', async (context) => {
    const stage = await openSignedInRelay(context)
    expect((await stage.call('POST', '/accounts', account('main'))).status).toBe(200)
    const exported = last(await stage.work('/data/export', { withUsage: true, passphrase: PASSPHRASE }))
    expect(exported).toMatchObject({ state: 'done', result: { withSecrets: true } })
    const answer = await stage.download(exported.result.file)
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="relay-[\d-]+\.export\.gz"$/)
    const bytes = new Uint8Array(await answer.arrayBuffer())
    expect(gunzipSync(bytes).toString()).not.toContain(CREDENTIAL)

    await stage.call('POST', '/accounts', account('later'))
    const file = await stage.upload(bytes)
    expect(last(await stage.work('/data/import', { file, isDryRun: true })).result).toMatchObject({
      rows: exported.result.rows,
      sealedWith: 'passphrase',
    })
    const wrong = last(await stage.work('/data/import', { file, passphrase: `${PASSPHRASE}!`, isDryRun: false }))
    expect(wrong).toEqual({ state: 'failed', message: 'the file: the passphrase does not open its secrets' })
    expect(await stage.names()).toEqual(['main', 'later'])

    const done = last(await stage.work('/data/import', { file, passphrase: PASSPHRASE, isDryRun: false }))
    expect(done).toEqual({ state: 'done', result: { isStarting: true } })
    await stage.signInAgain()
    expect(await stage.names()).toEqual(['main'])
    const own = await fetch(`${stage.url}/v1/relay/key`, { headers: { 'x-api-key': stage.key } })
    expect(own.status).toBe(200)
    expect((await stage.call('GET', '/data')).body).toMatchObject({ canWork: true, last: { at: expect.any(Number) } })
    const [, imported] = await actionsOf(stage)
    expect(imported).toMatchObject({
      action: 'data.import',
      actor: { kind: 'user', name: 'admin' },
      address: '127.0.0.1',
    })
    expect(readdirSync(join(stage.dataDir, 'transfer')).filter((name) => name.endsWith('.draft'))).toEqual([])
    expect(readdirSync(stage.dataDir).some((name) => name.startsWith('relay.db.before-restore-'))).toBe(true)
  })

  test('an export without secrets brings no admins, so one is made who can sign in', async (context) => {
    const stage = await openSignedInRelay(context)
    await stage.call('POST', '/accounts', account('main'))
    const { result } = last(await stage.work('/data/export', { withUsage: false }))
    expect(result.withSecrets).toBe(false)
    const text = gunzipSync(new Uint8Array(await (await stage.download(result.file)).arrayBuffer())).toString()
    const file = await stage.upload(text)
    const done = last(await stage.work('/data/import', { file, isDryRun: false }))
    expect(done.result.oneTimePassword).toMatch(/^[\w-]{24}$/)
    await stage.signInAgain(done.result.oneTimePassword)
    expect((await stage.call('GET', '/session')).body.state).toBe('password-change-required')
  })

  test('a backup is looked at, and put back', async (context) => {
    const stage = await openSignedInRelay(context)
    await stage.call('POST', '/accounts', account('main'))
    const [{ path }] = (await stage.call('POST', '/backups')).body.backups
    await stage.call('POST', '/accounts', account('later'))
    expect(last(await stage.work('/data/restore', { backup: path, isDryRun: true })).result).toMatchObject({
      relayKeys: 1,
    })
    expect((await stage.call('POST', '/data/restore', { backup: '/etc/passwd', isDryRun: true })).status).toBe(404)
    const file = await stage.upload('this is no backup at all')
    expect(last(await stage.work('/data/restore', { file, isDryRun: false }))).toMatchObject({ state: 'failed' })
    expect(last(await stage.work('/data/restore', { backup: path, isDryRun: false })).state).toBe('done')
    await stage.signInAgain()
    expect(await stage.names()).toEqual(['main'])
    expect((await actionsOf(stage)).map(({ action }) => action)).toContain('backup.restore')
  })

  test('while another process holds the data set nothing is replaced, and the relay goes on with what it had', async (context) => {
    const stage = await openSignedInRelay(context)
    await stage.call('POST', '/accounts', account('main'))
    const [{ path }] = (await stage.call('POST', '/backups')).body.backups
    await stage.call('POST', '/accounts', account('later'))
    const storeFile = join(stage.dataDir, 'relay.db')
    const other = await openSqliteStore({ path: storeFile, encryptionKey: ENCRYPTION_KEY })
    await other.listAccounts()
    expect(last(await stage.work('/data/restore', { backup: path, isDryRun: false })).state).toBe('done')
    const outcome = async (): Promise<unknown> =>
      (await stage.call('GET', '/data').catch(() => undefined))?.body?.last?.problem
    await expect.poll(outcome, { timeout: 60_000 }).toMatch(/^another process uses /)
    await other.close()
    expect(await stage.names()).toEqual(['main', 'later'])
    expect(readdirSync(stage.dataDir).filter((name) => name.includes('restor'))).toEqual([])
  })

  test('with several workers, files are looked at, and what replaces them is refused with the command', async (context) => {
    const stage = await openSignedInRelay(context, { ENCRYPTION_KEY, JWT_SECRET, RELAY_WORKERS: '2' })
    expect((await stage.call('GET', '/data')).body).toMatchObject({ obstacle: 'workers', canWork: true })
    const { result } = last(await stage.work('/data/export', { withUsage: true, passphrase: PASSPHRASE }))
    const file = await stage.upload(new Uint8Array(await (await stage.download(result.file)).arrayBuffer()))
    expect(last(await stage.work('/data/import', { file, isDryRun: true })).result.rows).toBe(result.rows)
    const refused = await stage.call('POST', '/data/import', { file, passphrase: PASSPHRASE, isDryRun: false })
    expect(refused).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('relay import') } },
    })
  })

  test('a key that Relay has made is rotated while it runs, and the log says who asked', async (context) => {
    const stage = await openSignedInRelay(context, {})
    await stage.call('POST', '/accounts', account('main'))
    expect((await stage.call('GET', '/data')).body).toMatchObject({ hasOwnKey: true })
    expect(last(await stage.work('/data/rotate-key', {}))).toMatchObject({ state: 'done', result: { unreadable: 0 } })
    expect(await actionsOf(stage)).toContainEqual(
      expect.objectContaining({ action: 'encryption-key.rotate', actor: { kind: 'user', name: 'admin' } }),
    )
    const backups = (await stage.call('POST', '/backups')).body.backups
    expect(backups).toHaveLength(1)
    expect(last(await stage.work('/data/restore', { backup: backups[0].path, isDryRun: false })).state).toBe('done')
    await stage.signInAgain()
    expect(await stage.names()).toEqual(['main'])
  })

  test('a key from the environment is replaced by one that is given, and nothing starts again with the old one', async (context) => {
    const stage = await openSignedInRelay(context)
    await stage.call('POST', '/accounts', account('main'))
    expect((await stage.call('POST', '/data/rotate-key', {})).body.error).toMatchObject({ field: 'newKey' })
    const weak = last(await stage.work('/data/rotate-key', { newKey: 'too short' }))
    expect(weak).toMatchObject({ state: 'failed', message: expect.stringContaining('the new key') })
    const newKey = 'nK4-rotated-to-in-this-data-set-suite-w8Zq'
    expect(last(await stage.work('/data/rotate-key', { newKey }))).toMatchObject({ state: 'done' })
    const store = await openSqliteStore({ path: join(stage.dataDir, 'relay.db'), encryptionKey: newKey })
    const found = (await store.listAccounts()).find(({ name }) => name === 'main')
    expect(await store.openCredential(found?.id ?? '')).toEqual({ type: 'opened', credential: CREDENTIAL })
    await store.close()
    expect((await stage.call('GET', '/data')).body.obstacle).toBe('key-changed')
    const file = await stage.upload('whatever')
    expect((await stage.call('POST', '/data/restore', { file, isDryRun: false })).status).toBe(409)
  })

  test('what Claude Relay Service exports is looked at first, then taken over', async (context) => {
    const stage = await openSignedInRelay(context)
    const origin = {
      'ccr_account:r1': {
        id: 'r1',
        name: 'relay',
        apiUrl: 'https://relay.example/api',
        apiKey: 'plain',
        isActive: 'true',
      },
      'apikey:k1': { id: 'k1', name: 'team', apiKey: 'ab'.repeat(32), isActive: 'true' },
    }
    const file = await stage.upload(JSON.stringify(origin))
    const plan = last(await stage.work('/data/import-crs', { file, isDryRun: true })).result
    expect(plan).toMatchObject({ allAccounts: 1, allKeys: 1, accounts: [{ name: 'relay' }] })
    expect(await stage.names()).toEqual([])
    expect((await stage.call('POST', '/data/import-crs', { file, isDryRun: false })).body.error.field).toBe(
      'encryptionKey',
    )
    const encryptionKey = 'origin-encryption-key-32-characters'
    const done = last(await stage.work('/data/import-crs', { file, encryptionKey, isDryRun: false }))
    expect(done).toMatchObject({ state: 'done', result: { applied: { accounts: 1, keys: 1, skipped: [] } } })
    expect(await stage.names()).toEqual(['relay'])
    expect(await actionsOf(stage)).toContainEqual(
      expect.objectContaining({ action: 'key.create', actor: { kind: 'user', name: 'admin' } }),
    )
    const none = await stage.upload('{}')
    expect(last(await stage.work('/data/import-crs', { file: none, isDryRun: true }))).toEqual({
      state: 'failed',
      message: 'the file holds neither accounts nor keys of Claude Relay Service',
    })
  })

  test('a Redis is only reached where the network guard lets upstreams be, and its password is no argument', async (context) => {
    const stage = await openSignedInRelay(context)
    const ask = (url: string) => stage.work('/data/import-crs', { redis: { url }, isDryRun: true })
    expect(last(await ask('redis://169.254.169.254:6379')).message).toMatch(/metadata|RELAY_ALLOW_PRIVATE/)
    expect(last(await ask('redis://10.11.12.13:6379')).message).toContain('RELAY_ALLOW_PRIVATE')
    const closed = last(await ask(`redis://:secret-word@127.0.0.1:${await findFreePort()}`))
    expect(closed.message).toMatch(/^no Redis answers at 127\.0\.0\.1:\d+$/)
    if (!hasRedisServer) return
    const redis = await startRedisServer()
    context.onTestFinished(() => redis.stop())
    expect(last(await ask(redis.url)).message).toContain('holds neither accounts nor keys of Claude Relay Service')
  })

  test('files are bounded, and no name leads out of their folder', async (context) => {
    const stage = await openSignedInRelay(context)
    writeFileSync(join(stage.dataDir, 'secret.gz'), 'not for you')
    for (const id of ['..%2Fsecret.gz', 'secret.gz', '..%2F..%2Fetc%2Fpasswd'])
      expect((await stage.download(id)).status).toBe(404)
    const file = await stage.upload('an upload')
    expect((await stage.download(file)).status).toBe(404)
    expect((await stage.call('DELETE', `/data/files/${file}`)).status).toBe(200)
    expect((await stage.call('POST', '/data/import', { file, isDryRun: true })).status).toBe(404)
  })

  test.for<AdminRole>(['auditor', 'operator'])('is not for an %s', async (role, context) => {
    const stage = await openSignedInRelay(context)
    const made = await stage.call('POST', '/admins', { name: 'other', role })
    const { oneTimePassword } = made.body
    await stage.call('POST', '/session', { name: 'other', password: oneTimePassword })
    await stage.call('POST', '/session/password', { currentPassword: oneTimePassword, newPassword: `${PASSWORD} too` })
    await stage.call('POST', '/session', { name: 'other', password: `${PASSWORD} too` })
    expect((await stage.call('GET', '/session')).body.role).toBe(role)
    for (const path of ['files', 'export', 'import', 'restore', 'import-crs', 'rotate-key'])
      expect([path, (await stage.call('POST', `/data/${path}`, {})).status]).toEqual([path, 403])
  })
})
