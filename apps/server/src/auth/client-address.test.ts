import { expect, test } from 'vitest'

import { clientAddress } from './client-address.ts'

const PROXIES = ['10.0.0.0/8', '::1']

interface Sample {
  readonly from: string
  readonly forwarded?: string
  readonly client: string
}

const samples: readonly Sample[] = [
  { from: '203.0.113.7', client: '203.0.113.7' },
  { from: '203.0.113.7', forwarded: '192.0.2.1', client: '203.0.113.7' },
  { from: '10.0.0.1', client: '10.0.0.1' },
  { from: '10.0.0.1', forwarded: '192.0.2.1', client: '192.0.2.1' },
  { from: '::ffff:10.0.0.1', forwarded: '198.51.100.9, 192.0.2.1, 10.3.2.1', client: '192.0.2.1' },
  { from: '::1', forwarded: '[2001:db8::1]:443', client: '2001:db8::1' },
  { from: '::1', forwarded: '192.0.2.1:9000', client: '192.0.2.1' },
  { from: '10.0.0.1', forwarded: '10.0.0.2, 10.0.0.3', client: '10.0.0.2' },
]

test.for(samples)('$forwarded by way of $from is $client', ({ from, forwarded, client }) => {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  expect(clientAddress({ socket: { remoteAddress: from }, headers }, PROXIES)).toBe(client)
})
