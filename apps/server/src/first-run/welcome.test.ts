import { expect, test } from 'vitest'

import type { Welcome } from './welcome.ts'
import { composeWelcome, openableUrl, welcomeToJson } from './welcome.ts'

const LATER: Welcome = {
  url: 'http://127.0.0.1:3000',
  command: 'relay',
  relayKey: undefined,
  adminPassword: undefined,
  hasDemo: true,
  hasOwnAccount: true,
}
const FIRST: Welcome = { ...LATER, relayKey: 'rk-first', adminPassword: 'one-time', hasOwnAccount: false }

test('a first start shows addresses, both secrets, a request to try, and what to do next', () => {
  const text = composeWelcome(FIRST)
  expect(text).toContain('http://127.0.0.1:3000/admin-next')
  expect(text).toContain('sign in as admin with the one-time password  one-time')
  expect(text).toContain('shown only this once')
  expect(text).toContain(`curl -N http://127.0.0.1:3000/v1/messages -H 'x-api-key: rk-first'`)
  expect(text).toContain('relay account add')
})

test('a later start shows addresses and hints only', () => {
  const text = composeWelcome(LATER)
  expect(text).toContain('http://127.0.0.1:3000/admin-next')
  expect(text).toContain('relay key create')
  expect(text).not.toMatch(/curl|password|once/)
})

test('without a demo there is nothing to try', () => {
  expect(composeWelcome({ ...FIRST, hasDemo: false })).not.toContain('curl')
  expect(welcomeToJson({ ...FIRST, hasDemo: false })['demoModel']).toBeUndefined()
})

test.for([
  ['http://0.0.0.0:3000', 'http://127.0.0.1:3000'],
  ['http://[::]:3000', 'http://[::1]:3000'],
  ['http://10.0.0.1:80', 'http://10.0.0.1'],
  ['http://[::1]:3000', 'http://[::1]:3000'],
] as const)('%s is opened at %s', ([bound, opened]) => {
  expect(openableUrl(bound)).toBe(opened)
})
