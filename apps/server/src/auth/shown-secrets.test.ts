import { Socket } from 'node:net'

import { expect, test } from 'vitest'

import { shownSecrets } from './shown-secrets.ts'

const textsOf = (...request: Parameters<typeof shownSecrets>): string[] =>
  shownSecrets(...request).map(({ text }) => text)

test('both places are looked at, whatever the case of the scheme and the space around', () => {
  const socket = new Socket()
  expect(textsOf({ socket, headers: { 'x-api-key': ' rk-one ', authorization: 'bearer  rk-two ' } })).toEqual([
    'rk-one',
    'rk-two',
  ])
  expect(textsOf({ socket, headers: { 'x-api-key': ' ', authorization: 'Basic cms6b25l' } })).toEqual([])
})

test('what a connection shows again is kept, and nothing of it when it shows another secret', () => {
  const socket = new Socket()
  const headers = { 'x-api-key': 'rk-one', authorization: 'Bearer rk-two' }
  const first = shownSecrets({ socket, headers })
  expect(shownSecrets({ socket, headers: { ...headers } })).toBe(first)
  expect(shownSecrets({ socket: new Socket(), headers })).not.toBe(first)

  for (const other of [
    { ...headers, 'x-api-key': 'rk-on3' },
    { ...headers, authorization: 'Bearer rk-twO' },
    { 'x-api-key': 'rk-one' },
    { authorization: 'Bearer rk-two' },
    { ...headers, 'x-api-key': 'rk-one-longer' },
  ]) {
    shownSecrets({ socket, headers })
    const texts = Object.values(other).map((text) => text.replace('Bearer ', ''))
    expect(textsOf({ socket, headers: other })).toEqual(texts)
  }
  expect(textsOf({ socket, headers: {} })).toEqual([])
})
