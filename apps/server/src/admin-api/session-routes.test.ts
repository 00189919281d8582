import { afterEach, expect, test } from 'vitest'

import { ONE_TIME_PASSWORD, openFirstStart, openSignedIn, PASSWORD } from '../../test/admin-harness.ts'
import type { AdminHarness } from '../../test/admin-harness.ts'

let admin: AdminHarness
afterEach(() => admin.store.close())

const SIGN_IN = { body: { name: 'admin', password: PASSWORD } }

test('nobody is signed in at first, and the answer says no more than that', async () => {
  admin = await openFirstStart()
  expect(await admin.call('GET', '/session')).toMatchObject({ status: 200, body: { state: 'none' } })
})

test('the one-time password opens nothing but the way to a password of one’s own', async () => {
  admin = await openFirstStart()
  const signedIn = await admin.call('POST', '/session', { body: { name: 'admin', password: ONE_TIME_PASSWORD } })
  expect(signedIn.body).toEqual({ state: 'password-change-required', userName: 'admin' })
  for (const path of ['/requests', '/sessions', '/about', '/names', '/nothing']) {
    expect(await admin.call('GET', path)).toMatchObject({
      status: 403,
      body: { error: { code: 'password-change-required' } },
    })
  }

  const change = { currentPassword: ONE_TIME_PASSWORD, newPassword: PASSWORD }
  expect(await admin.call('POST', '/session/password', { body: change })).toMatchObject({
    status: 200,
    body: { state: 'none' },
  })
  expect((await admin.call('GET', '/session')).body).toEqual({ state: 'none' })
  expect((await admin.call('POST', '/session', SIGN_IN)).body).toMatchObject({ state: 'signed-in' })
  expect((await admin.call('GET', '/requests')).status).toBe(200)
})

test.for([
  { newPassword: 'elevenchars', field: 'newPassword', why: 'it has fewer than 12 characters' },
  { newPassword: 'x'.repeat(257), field: 'newPassword', why: 'it has more than 256 characters' },
  { newPassword: ONE_TIME_PASSWORD, field: 'newPassword', why: 'it is the one-time password' },
])('a new password is refused when $why', async ({ newPassword, field }) => {
  admin = await openFirstStart()
  await admin.call('POST', '/session', { body: { name: 'admin', password: ONE_TIME_PASSWORD } })
  const answer = await admin.call('POST', '/session/password', {
    body: { currentPassword: ONE_TIME_PASSWORD, newPassword },
  })
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid-request', field } } })
  expect(JSON.stringify(answer.body)).not.toContain(newPassword)
  expect((await admin.call('GET', '/session')).body).toMatchObject({ state: 'password-change-required' })
})

test('a session is not enough to change a password', async () => {
  admin = await openSignedIn()
  const body = { currentPassword: 'a guess of mine', newPassword: 'another password' }
  const answer = await admin.call('POST', '/session/password', { body })
  expect(answer).toMatchObject({ status: 403, body: { error: { code: 'sign-in-refused', field: 'currentPassword' } } })
  expect((await admin.call('GET', '/session')).body).toMatchObject({ state: 'signed-in' })
})

test('a new password ends all sessions of its owner', async () => {
  admin = await openSignedIn()
  const other = await admin.call('POST', '/session', { ...SIGN_IN, headers: { cookie: undefined } })
  const body = { currentPassword: PASSWORD, newPassword: 'another password' }
  expect((await admin.call('POST', '/session/password', { body })).status).toBe(200)
  const headers = { cookie: other.cookie?.split(';')[0] }
  expect((await admin.call('GET', '/session', { headers })).body).toEqual({ state: 'none' })
})

test('a wrong password and an unknown name get the same answer', async () => {
  admin = await openSignedIn()
  const wrong = await admin.call('POST', '/session', { body: { name: 'admin', password: 'wrong password' } })
  const unknown = await admin.call('POST', '/session', { body: { name: 'nobody', password: 'wrong password' } })
  expect(wrong.status).toBe(403)
  expect(wrong.body.error.code).toBe('sign-in-refused')
  expect({ status: unknown.status, body: unknown.body }).toEqual({ status: wrong.status, body: wrong.body })
})

test('tries are slowed down per account, from whatever address they come', async () => {
  admin = await openSignedIn()
  const tryFrom = (address: string, password: string) =>
    admin.call('POST', '/session', { body: { name: 'admin', password }, address })
  for (let guess = 0; guess < 5; guess++) expect((await tryFrom(`192.0.2.${guess}`, 'a wrong guess')).status).toBe(403)

  const refused = await tryFrom('198.51.100.1', PASSWORD)
  expect(refused).toMatchObject({ status: 429, body: { error: { code: 'too-many-attempts' } } })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect(refused.cookie).toBeUndefined()

  admin.advance(refused.body.error.retryAfterMs)
  expect((await tryFrom('198.51.100.1', 'a wrong guess')).status).toBe(403)
  const longer = await tryFrom('198.51.100.2', PASSWORD)
  expect(longer.body.error.retryAfterMs).toBeGreaterThan(refused.body.error.retryAfterMs)
  admin.advance(longer.body.error.retryAfterMs)
  expect((await tryFrom('198.51.100.2', PASSWORD)).status).toBe(200)
})

test('tries are slowed down per address, for whatever account they are', async () => {
  admin = await openSignedIn()
  for (let guess = 0; guess < 5; guess++) {
    const body = { name: `name-${guess}`, password: 'a wrong guess' }
    expect((await admin.call('POST', '/session', { body, address: '203.0.113.9' })).status).toBe(403)
  }
  expect((await admin.call('POST', '/session', { ...SIGN_IN, address: '203.0.113.9' })).status).toBe(429)
  expect((await admin.call('POST', '/session', { ...SIGN_IN, address: '203.0.113.10' })).status).toBe(200)
})

test('every sign-in brings a new session and ends the one before', async () => {
  admin = await openSignedIn()
  const first = await admin.call('POST', '/session', SIGN_IN)
  const second = await admin.call('POST', '/session', SIGN_IN)
  expect(second.cookie).not.toBe(first.cookie)
  const headers = { cookie: first.cookie?.split(';')[0] }
  expect((await admin.call('GET', '/session', { headers })).body).toEqual({ state: 'none' })
})

test('a token that was planted before the sign-in is worth nothing after it', async () => {
  admin = await openSignedIn()
  const planted = { cookie: 'relay-session=planted-by-someone-else' }
  const answer = await admin.call('POST', '/session', { ...SIGN_IN, headers: planted })
  expect(answer.cookie).not.toContain('planted')
  expect((await admin.call('GET', '/session', { headers: planted })).body).toEqual({ state: 'none' })
})

test('over plain http the cookie is out of reach for scripts and other sites', async () => {
  admin = await openSignedIn()
  const { cookie } = await admin.call('POST', '/session', SIGN_IN)
  expect(cookie).toMatch(/^relay-session=[\w-]{43};/)
  expect(cookie).toMatch(/; HttpOnly/)
  expect(cookie).toMatch(/; SameSite=Strict/)
  expect(cookie).toMatch(/; Path=\//)
  expect(cookie).not.toMatch(/Secure|Domain/)
})

test('over https the cookie is bound to the host, and read back', async () => {
  admin = await openSignedIn()
  const headers = { origin: 'https://relay.test', host: 'relay.test', cookie: undefined }
  const { cookie } = await admin.call('POST', '/session', { ...SIGN_IN, headers })
  expect(cookie).toMatch(/^__Host-relay-session=[\w-]{43};/)
  expect(cookie).toMatch(/; Secure/)
  expect(cookie).not.toMatch(/Domain/)
  expect((await admin.call('GET', '/session')).body).toMatchObject({ state: 'signed-in' })
})

test('a session ends when it is not used, and in any case after a week', async () => {
  admin = await openSignedIn()
  admin.advance(11 * 3_600_000)
  expect((await admin.call('GET', '/session')).body).toMatchObject({ state: 'signed-in' })
  admin.advance(13 * 3_600_000)
  expect((await admin.call('GET', '/requests')).status).toBe(401)

  await admin.call('POST', '/session', SIGN_IN)
  for (let hours = 0; hours < 7 * 24 - 8; hours += 8) {
    admin.advance(8 * 3_600_000)
    expect((await admin.call('GET', '/requests')).status).toBe(200)
  }
  admin.advance(8 * 3_600_000)
  expect((await admin.call('GET', '/requests')).status).toBe(401)
})

test('signing out ends the session and takes the cookie back', async () => {
  admin = await openSignedIn()
  const { cookie } = await admin.call('POST', '/session', SIGN_IN)
  const signedOut = await admin.call('DELETE', '/session')
  expect(signedOut.cookie).toMatch(/^relay-session=; Max-Age=0/)
  const headers = { cookie: cookie?.split(';')[0] }
  expect((await admin.call('GET', '/requests', { headers })).status).toBe(401)
})

test('people see their own sessions and can end them, but nobody else’s', async () => {
  admin = await openSignedIn()
  const other = await admin.store.createAdminUser({ name: 'other', password: PASSWORD, mustChangePassword: false })
  const foreign = await admin.store.createSession({ userId: other.id })
  const elsewhere = await admin.call('POST', '/session', {
    ...SIGN_IN,
    headers: { cookie: undefined, 'user-agent': 'phone' },
  })
  await admin.call('POST', '/session', { ...SIGN_IN, headers: { cookie: undefined } })

  const { body } = await admin.call('GET', '/sessions')
  expect(body.sessions).toHaveLength(3)
  expect(body.sessions.filter((session: { isCurrent: boolean }) => session.isCurrent)).toHaveLength(1)
  expect(JSON.stringify(body)).not.toContain(elsewhere.cookie?.split(/[=;]/)[1])

  const phone = body.sessions.find((session: { userAgent?: string }) => session.userAgent === 'phone')
  expect((await admin.call('DELETE', `/sessions/${phone.id}`)).body.sessions).toHaveLength(2)
  expect((await admin.call('DELETE', `/sessions/${foreign.session.id}`)).status).toBe(404)
  expect(await admin.store.listSessions(other.id)).toHaveLength(1)
})

test('no password and no token gets into the log', async () => {
  admin = await openSignedIn()
  await admin.call('POST', '/session', { body: { name: 'admin', password: 'a wrong guess' } })
  const { cookie } = await admin.call('POST', '/session', SIGN_IN)
  const token = cookie?.split(/[=;]/)[1] ?? 'no token'
  const log = admin.log.join('\n')
  expect(log).toContain('admin signed in')
  for (const secret of [PASSWORD, 'a wrong guess', token]) expect(log).not.toContain(secret)
})
