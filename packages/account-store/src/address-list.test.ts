import { expect, test } from 'vitest'

import { fitsAddressList } from './address-list.ts'

const LIST = ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']

test.for([
  ['10.200.0.1', true],
  ['::ffff:10.200.0.1', true],
  ['11.0.0.1', false],
  ['192.0.2.7', true],
  ['192.0.2.8', false],
  ['2001:db8:1::1', true],
  ['2001:db9::1', false],
  ['fe80::1%eth0', false],
  ['not an address', false],
  ['', false],
] as const)('%s is in the list: %s', ([address, isIn]) => {
  expect(fitsAddressList(LIST, address)).toBe(isIn)
})

test('no list allows every address, an empty one none, and no address is in a list', () => {
  expect(fitsAddressList(undefined, undefined)).toBe(true)
  expect(fitsAddressList([], '10.0.0.1')).toBe(false)
  expect(fitsAddressList(LIST, undefined)).toBe(false)
})
