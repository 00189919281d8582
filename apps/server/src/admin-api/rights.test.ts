import { ADMIN_ROLES } from '@relay/account-store'
import { afterEach, expect, test } from 'vitest'

import { openSignedIn, PASSWORD, signInAs } from '../../test/admin-harness.ts'
import type { AdminHarness } from '../../test/admin-harness.ts'
import { isAtLeast } from './caller.ts'
import { ADMIN_API_PATH, adminRoleSchema, tokenScopeSchema } from './contract/index.ts'
import type { TokenScope } from './contract/index.ts'
import { PUBLIC_ROUTES } from './guard.ts'

let admin: AdminHarness
afterEach(() => admin.store.close())

interface DescribedRoute {
  readonly method: string
  /** As registered, e.g. `/accounts/:id`. */
  readonly path: string
  readonly role: string
  readonly scope: string
}

/** The routes as the reference tells them. */
async function listDescribed(): Promise<readonly DescribedRoute[]> {
  const { body } = await admin.call('GET', '/openapi.json')
  return Object.entries<Record<string, Record<string, string>>>(body.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      role: operation['x-least-role'] ?? '',
      scope: operation['x-token-scope'] ?? '',
    })),
  )
}

const nameOf = ({ method, path }: Pick<DescribedRoute, 'method' | 'path'>): string => `${method} ${path}`
const address = (path: string): string => path.replaceAll(/:\w+/g, 'some-id')

async function issueToken(scopes: readonly TokenScope[]): Promise<string> {
  const [user] = await admin.store.listAdminUsers()
  const input = { name: `token ${Math.random()}`, userId: user?.id ?? '', scopes }
  return (await admin.store.createApiToken(input)).secret
}

/** Calls as a program does: with a token, without cookie, origin or proof. */
async function callWithToken(secret: string, route: Pick<DescribedRoute, 'method' | 'path'>, body?: unknown) {
  const headers = {
    authorization: `Bearer ${secret}`,
    cookie: undefined,
    origin: undefined,
    'x-relay-admin': undefined,
  }
  return admin.call(route.method, address(route.path), { headers, body })
}

test('the reference lists every route that was registered, with its role and scope', async () => {
  admin = await openSignedIn()
  expect(adminRoleSchema.options).toEqual(ADMIN_ROLES)
  const registered = admin.app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => nameOf({ method, path: path.slice(ADMIN_API_PATH.length) }))
  const described = await listDescribed()
  expect(described.map(nameOf).toSorted()).toEqual([...new Set(registered)].toSorted())
  expect(described.length).toBeGreaterThan(15)
  for (const route of described) {
    const isPublic = PUBLIC_ROUTES.some((open) => nameOf(open) === nameOf(route))
    expect(isPublic ? ['anyone'] : adminRoleSchema.options, `route ${nameOf(route)}`).toContain(route.role)
    expect([...tokenScopeSchema.options, 'people-only'], `route ${nameOf(route)}`).toContain(route.scope)
  }
})

test('the reference is OpenAPI 3.1 with schemas, parameters and errors', async () => {
  admin = await openSignedIn()
  const { body } = await admin.call('GET', '/openapi.json')
  expect(body.openapi).toBe('3.1.0')
  const list = body.paths['/requests'].get
  expect(list.parameters.map(({ name }: { name: string }) => name)).toContain('cursor')
  expect(list.responses['200'].content['application/json'].schema.properties.requests.type).toBe('array')
  expect(list.responses.default.content['application/json'].schema.$ref).toBe('#/components/schemas/Error')
  expect(body.paths['/requests/{id}'].get.parameters[0]).toMatchObject({ name: 'id', in: 'path', required: true })
  expect(body.paths['/session'].post.requestBody.content['application/json'].schema.required).toEqual([
    'name',
    'password',
  ])
  const ids = Object.values<Record<string, { operationId: string }>>(body.paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }) => operationId),
  )
  expect(new Set(ids).size).toBe(ids.length)
})

test.for(['auditor', 'operator'] as const)('every route that takes more than an %s refuses one', async (role) => {
  admin = await openSignedIn()
  const routes = await listDescribed()
  await signInAs(admin, role)
  const above = routes.filter((route) => route.role !== 'anyone' && !isAtLeast(role, adminRoleSchema.parse(route.role)))
  expect(above.length).toBeGreaterThan(3)
  for (const route of above) {
    const answer = await admin.call(route.method, address(route.path))
    expect(answer, `route ${nameOf(route)}`).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
  }
})

test('every route refuses a token of all other scopes, and what is for people refuses every token', async () => {
  admin = await openSignedIn()
  const routes = (await listDescribed()).filter(({ role }) => role !== 'anyone')
  const everything = await issueToken(tokenScopeSchema.options)
  const others = new Map<string, string>()
  for (const scope of tokenScopeSchema.options) {
    others.set(scope, await issueToken(tokenScopeSchema.options.filter((other) => other !== scope)))
  }
  for (const route of routes) {
    const answer = await callWithToken(others.get(route.scope) ?? everything, route)
    expect(answer, `route ${nameOf(route)}`).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
  }
})

test('a token of the right scope is let in without cookie, origin or proof, and never counts as a session', async () => {
  admin = await openSignedIn()
  const secret = await issueToken(['requests:read'])
  const answer = await callWithToken(secret, { method: 'GET', path: '/requests' })
  expect(answer.status).toBe(200)
  expect(answer.cookie).toBeUndefined()
  expect((await callWithToken(secret, { method: 'GET', path: '/session' })).body).toEqual({ state: 'none' })
  expect((await callWithToken(secret, { method: 'DELETE', path: '/session' })).status).toBe(403)
  expect((await callWithToken(`${secret}x`, { method: 'GET', path: '/requests' })).status).toBe(401)
  // A session of a browser lends nothing to a bad token.
  const headers = { authorization: 'Bearer rat-not-a-token' }
  expect((await admin.call('GET', '/requests', { headers })).status).toBe(401)
})

test('a token can do no more than its maker can do now', async () => {
  admin = await openSignedIn()
  await signInAs(admin, 'operator')
  const body = { name: 'ci', scopes: ['audit:read', 'requests:read'] }
  const { secret, token } = (await admin.call('POST', '/tokens', { body })).body
  expect(token).toMatchObject({ name: 'ci', userName: 'some-operator', secretLastFour: secret.slice(-4) })
  expect((await callWithToken(secret, { method: 'GET', path: '/requests' })).status).toBe(200)
  const maker = (await admin.store.listAdminUsers()).find(({ name }) => name === 'some-operator')
  await admin.store.updateAdminUser(maker?.id ?? '', { enabled: false })
  expect((await callWithToken(secret, { method: 'GET', path: '/requests' })).status).toBe(401)
})

test('people see their own tokens, an admin those of everybody, and nobody a secret', async () => {
  admin = await openSignedIn()
  const first = await admin.call('POST', '/tokens', { body: { name: 'mine', scopes: ['backup'] } })
  await signInAs(admin, 'auditor')
  const { body } = await admin.call('POST', '/tokens', { body: { name: 'theirs', scopes: ['audit:read'] } })
  const list = (await admin.call('GET', '/tokens')).body
  expect(list.tokens.map(({ name }: { name: string }) => name)).toEqual(['theirs'])
  expect((await admin.call('DELETE', `/tokens/${first.body.token.id}`)).status).toBe(404)
  await admin.call('POST', '/session', { body: { name: 'admin', password: PASSWORD } })
  const all = (await admin.call('GET', '/tokens')).body
  expect(all.tokens).toHaveLength(2)
  for (const { secret } of [first.body, body]) expect(JSON.stringify(all)).not.toContain(secret)
  expect((await admin.call('DELETE', `/tokens/${body.token.id}`)).body.tokens).toHaveLength(1)
  expect((await callWithToken(body.secret, { method: 'GET', path: '/audit' })).status).toBe(401)
})

test('an admin adds, limits and removes others, who choose their own password first', async () => {
  admin = await openSignedIn()
  const { body } = await admin.call('POST', '/admins', { body: { name: 'Ada', role: 'operator' } })
  expect(body).toMatchObject({ admin: { name: 'Ada', role: 'operator', enabled: true, mustChangePassword: true } })
  const { id } = body.admin
  const signIn = { body: { name: 'ada', password: body.oneTimePassword }, headers: { cookie: undefined } }
  expect((await admin.call('POST', '/session', signIn)).body).toMatchObject({ state: 'password-change-required' })
  await admin.call('POST', '/session', { body: { name: 'admin', password: PASSWORD } })
  expect((await admin.call('PATCH', `/admins/${id}`, { body: { role: 'auditor' } })).body.role).toBe('auditor')
  const reset = (await admin.call('POST', `/admins/${id}/password`)).body
  expect(reset.oneTimePassword).not.toBe(body.oneTimePassword)
  expect((await admin.call('DELETE', `/admins/${id}`)).body.admins).toHaveLength(1)
  expect((await admin.call('POST', '/session', signIn)).status).toBe(403)
})

test('an admin resets nobody’s password but those of others, and is not the last to go', async () => {
  admin = await openSignedIn()
  const [{ id }] = (await admin.call('GET', '/admins')).body.admins
  expect((await admin.call('POST', `/admins/${id}/password`)).status).toBe(400)
  const refused = { status: 409, body: { error: { code: 'last-admin' } } }
  expect(await admin.call('DELETE', `/admins/${id}`)).toMatchObject(refused)
  expect(await admin.call('PATCH', `/admins/${id}`, { body: { role: 'auditor' } })).toMatchObject(refused)
})

test('a change of role ends the sessions of the one it is about', async () => {
  admin = await openSignedIn()
  await signInAs(admin, 'operator')
  const { id } = (await admin.store.listAdminUsers()).find(({ name }) => name === 'some-operator') ?? { id: '' }
  await admin.store.updateAdminUser(id, { role: 'auditor' })
  expect((await admin.call('GET', '/requests')).status).toBe(401)
})

test('what is done is written down with who, what, from where and what changed, and without a secret', async () => {
  admin = await openSignedIn()
  await admin.call('POST', '/session', {
    body: { name: 'admin', password: 'a wrong guess' },
    headers: { cookie: undefined },
    address: '198.51.100.7',
  })
  await admin.call('POST', '/session', { body: { name: 'a-password-in-the-wrong-field', password: 'x' } })
  await admin.call('POST', '/session', { body: { name: 'admin', password: PASSWORD } })
  const created = (await admin.call('POST', '/admins', { body: { name: 'ada', role: 'operator' } })).body
  await admin.call('PATCH', `/admins/${created.admin.id}`, { body: { role: 'auditor' } })
  const token = (await admin.call('POST', '/tokens', { body: { name: 'ci', scopes: ['audit:read'] } })).body
  const { body } = await callWithToken(token.secret, { method: 'GET', path: '/audit' })
  expect(body.entries.map(({ action }: { action: string }) => action)).toEqual([
    'token.create',
    'admin.update',
    'admin.create',
    'session.create',
    'session.refuse',
    'session.create',
  ])
  expect(body.entries[1]).toMatchObject({
    actor: { kind: 'user', name: 'admin' },
    object: { kind: 'admin', id: created.admin.id, name: 'ada' },
    address: '192.0.2.1',
    before: { role: 'operator' },
    after: { role: 'auditor' },
  })
  expect(body.entries[4]).toMatchObject({ address: '198.51.100.7' })
  const text = JSON.stringify(body)
  for (const secret of [PASSWORD, created.oneTimePassword, token.secret, 'wrong-field'])
    expect(text).not.toContain(secret)
  const narrowed = await admin.call('GET', '/audit?action=admin&actor=admin')
  expect(narrowed.body.entries).toHaveLength(2)
})
