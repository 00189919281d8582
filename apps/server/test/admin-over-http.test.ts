import { request } from 'node:http'

import { expect, test } from 'vitest'

import { PASSWORD } from './admin-harness.ts'
import { openStage } from './harness.ts'

const OWN_PAGE = { 'x-relay-admin': '1', 'sec-fetch-site': 'same-origin' }

test('a route without a body and a body without a length work on a real socket, too', async (context) => {
  const relay = await openStage(context).relay({ accounts: [] })
  const user = await relay.store.createAdminUser({ name: 'admin', password: PASSWORD, mustChangePassword: false })
  const { token } = await relay.store.createSession({ userId: user.id })
  const { id } = await relay.store.createAccount({ name: 'main', type: 'ccr', baseUrl: 'https://upstream.example' })
  const headers = { ...OWN_PAGE, cookie: `relay-session=${token}` }

  const chunked = (pieces: readonly string[]): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const call = request(
        `${relay.url}/admin/api/keys`,
        { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } },
        (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        },
      )
      call.on('error', reject)
      for (const piece of pieces) call.write(piece)
      call.end()
    })

  expect(await chunked(['{"name":', '"laptop"}'])).toBe(200)
  expect(await chunked(['{"name":"', 'x'.repeat(70_000), '"}'])).toBe(413)
  const removed = await fetch(`${relay.url}/admin/api/accounts/${id}`, { method: 'DELETE', headers })
  expect(removed.status).toBe(200)
  expect(await relay.store.getAccount(id)).toBeUndefined()
})
