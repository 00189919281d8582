import { afterEach, expect, test } from 'vitest'

import { ONE_TIME_PASSWORD, openFirstStart, openSignedIn, PASSWORD } from '../../test/admin-harness.ts'
import type { AdminHarness } from '../../test/admin-harness.ts'
import { ADMIN_API_PATH } from './contract/index.ts'
import { FIRST_SIGN_IN_ROUTES, PUBLIC_ROUTES } from './guard.ts'
import type { RouteName } from './guard.ts'

let admin: AdminHarness
afterEach(() => admin.store.close())

/** Every route that was really registered, under the name the guard knows it by. */
function listRoutes(): readonly RouteName[] {
  return admin.app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({ method, path: path.slice(ADMIN_API_PATH.length) }))
}

const isOneOf = (routes: readonly RouteName[], route: RouteName) =>
  routes.some(({ method, path }) => method === route.method && path === route.path)

test('the list of public routes names two routes that exist', async () => {
  admin = await openFirstStart()
  expect(PUBLIC_ROUTES).toEqual([
    { method: 'GET', path: '/session' },
    { method: 'POST', path: '/session' },
  ])
  for (const route of [...PUBLIC_ROUTES, ...FIRST_SIGN_IN_ROUTES]) expect(isOneOf(listRoutes(), route)).toBe(true)
})

test('every registered route but the public ones refuses without a session', async () => {
  admin = await openFirstStart()
  const routes = listRoutes().filter((route) => !isOneOf(PUBLIC_ROUTES, route))
  expect(routes.length).toBeGreaterThanOrEqual(8)
  for (const { method, path } of routes) {
    const answer = await admin.call(method, path.replaceAll(/:\w+/g, 'some-id'))
    expect(answer, `${method} ${path}`).toMatchObject({ status: 401, body: { error: { code: 'not-signed-in' } } })
  }
})

test('every registered route but those of the first sign-in refuses while the one-time password is in use', async () => {
  admin = await openFirstStart()
  await admin.call('POST', '/session', { body: { name: 'admin', password: ONE_TIME_PASSWORD } })
  const allowed = [...PUBLIC_ROUTES, ...FIRST_SIGN_IN_ROUTES]
  for (const { method, path } of listRoutes().filter((route) => !isOneOf(allowed, route))) {
    const answer = await admin.call(method, path.replaceAll(/:\w+/g, 'some-id'))
    expect(answer.body.error.code, `${method} ${path}`).toBe('password-change-required')
  }
})

test.for([
  '/requests/',
  '//requests',
  '/session/../requests',
  '/session/%2e%2e/requests',
  '/session%2F..%2Frequests',
  '/session/',
  '/SESSION',
  '/session;/requests',
  '/anything/else',
])('a detour is no way around the guard: %s', async (path) => {
  admin = await openFirstStart()
  expect((await admin.call('GET', path)).status).toBe(401)
})

test('method overrides and forwarding headers change nothing', async () => {
  admin = await openFirstStart()
  const headers = {
    'x-http-method-override': 'GET',
    'x-original-url': `${ADMIN_API_PATH}/session`,
    'x-rewrite-url': `${ADMIN_API_PATH}/session`,
    'x-forwarded-prefix': '/session',
  }
  expect((await admin.call('GET', '/requests', { headers })).status).toBe(401)
  expect((await admin.call('DELETE', '/session', { headers })).status).toBe(401)
})

const FOREIGN = [
  { name: 'another origin', headers: { origin: 'https://evil.test' } },
  { name: 'an opaque origin', headers: { origin: 'null' } },
  { name: 'another port', headers: { origin: 'http://relay.test:4000' } },
  { name: 'no sign of where it comes from', headers: { origin: undefined } },
  { name: 'another site by the browser’s word', headers: { 'sec-fetch-site': 'cross-site' } },
  { name: 'a sibling host by the browser’s word', headers: { 'sec-fetch-site': 'same-site' } },
  { name: 'our own origin without the custom header', headers: { 'x-relay-admin': undefined } },
]

test.for(FOREIGN)('a change from $name is refused, signed in or not', async ({ headers }) => {
  admin = await openSignedIn()
  const refused = { status: 403, body: { error: { code: 'cross-site-request' } } }
  expect(await admin.call('DELETE', '/session', { headers })).toMatchObject(refused)
  const body = { name: 'admin', password: PASSWORD }
  expect(await admin.call('POST', '/session', { headers, body })).toMatchObject(refused)
  expect((await admin.call('GET', '/session')).body).toMatchObject({ state: 'signed-in' })
})

test('behind a proxy that changes the host, the browser’s word is proof enough', async () => {
  admin = await openSignedIn()
  const headers = { 'sec-fetch-site': 'same-origin', origin: 'https://relay.example', host: '127.0.0.1:3000' }
  expect((await admin.call('DELETE', '/session', { headers })).status).toBe(200)
})
