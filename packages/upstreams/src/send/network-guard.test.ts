import { describe, expect, test } from 'vitest'

import { createNetworkGuard, splitAllowRules } from './network-guard.ts'
import type { NetworkGuardOptions } from './network-guard.ts'

function allows(address: string, options?: NetworkGuardOptions, where = { host: address, port: 443 }): boolean {
  const { host, port } = where
  return createNetworkGuard(options).refusal({ host, port, address }) === undefined
}

describe('without a list', () => {
  test.for(['1.1.1.1', '104.18.0.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '64:ff9b::808:808'])(
    'the public address %s is allowed',
    (address) => {
      expect(allows(address)).toBe(true)
    },
  )

  test.for([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.1.1',
    '169.254.169.254',
    '168.63.129.16',
    '100.64.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:a00:1',
    '::7f00:1',
    '64:ff9b::7f00:1',
    '64:ff9b::10.0.0.1',
    'fc00::1',
    'fd12:3456::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
  ])('%s is refused', (address) => {
    expect(allows(address)).toBe(false)
  })

  test('the refusal names address, kind and setting', () => {
    const refusal = createNetworkGuard().refusal({ host: 'llm.lan', port: 8080, address: '10.0.0.5' })
    expect(refusal).toBe(
      'the address 10.0.0.5 of llm.lan is private, not public; to allow it, add llm.lan:8080 or 10.0.0.5 to RELAY_ALLOW_PRIVATE',
    )
  })
})

describe('with a list', () => {
  test('networks, addresses and host:port pairs allow what they name, and nothing beside it', () => {
    const allow = ['10.0.0.0/8', 'fd00::/8', '192.168.1.7', 'Llm.Lan:8080', '[::1]:11434']
    const options = { allow }
    expect(allows('10.9.9.9', options)).toBe(true)
    expect(allows('fd12::1', options)).toBe(true)
    expect(allows('192.168.1.7', options)).toBe(true)
    expect(allows('192.168.1.8', options)).toBe(false)
    expect(allows('172.16.0.9', options, { host: 'llm.lan', port: 8080 })).toBe(true)
    expect(allows('172.16.0.9', options, { host: 'llm.lan', port: 8081 })).toBe(false)
    expect(allows('172.16.0.9', options, { host: 'other.lan', port: 8080 })).toBe(false)
    expect(allows('::1', options, { host: '::1', port: 11_434 })).toBe(true)
  })

  test('a metadata address is allowed only by its exact name', () => {
    expect(allows('169.254.169.254', { allow: ['169.254.0.0/16'] })).toBe(false)
    expect(allows('169.254.169.254', { allow: ['meta.lan:80'] }, { host: 'meta.lan', port: 80 })).toBe(false)
    expect(allows('169.254.169.254', { allow: ['169.254.169.254'] })).toBe(true)
    expect(allows('169.254.169.254', { allow: ['169.254.169.254/32'] })).toBe(true)
    expect(allows('fd00:ec2::254', { allow: ['fd00::/8'] })).toBe(false)
    expect(allows('fd00:ec2::254', { allow: ['fd00:ec2::254'] })).toBe(true)
  })

  test.for([
    '::ffff:169.254.169.254',
    '::169.254.169.254',
    '2002:a9fe:a9fe::1',
    '64:ff9b:1::a9fe:a9fe',
    '169.254.170.23',
  ])('nor is %s, which leads to one, by a name or a network that is listed', (address) => {
    const allow = ['llm.lan:80', '::/0', '169.254.0.0/16']
    expect(allows(address, { allow }, { host: 'llm.lan', port: 80 })).toBe(false)
  })

  test('an address with its port is allowed whatever name leads to it', () => {
    const options = { allow: ['10.0.0.5:8080'] }
    expect(allows('10.0.0.5', options, { host: 'llm.lan', port: 8080 })).toBe(true)
    expect(allows('10.0.0.5', options, { host: 'llm.lan', port: 8081 })).toBe(false)
    expect(allows('10.0.0.6', options, { host: 'llm.lan', port: 8080 })).toBe(false)
  })

  test('loopback needs no listing outside production', () => {
    const options = { allowLoopback: true }
    expect(['127.0.0.1', '127.9.9.9', '::1'].every((address) => allows(address, options))).toBe(true)
    expect(['10.0.0.1', '0.0.0.0', '169.254.169.254'].some((address) => allows(address, options))).toBe(false)
  })

  test.for(['', 'lan', '10.0.0.0/33', '10.0.0/8', 'fd00::/129', 'a/8', 'host:99999', 'http://a:80', '10.0.0.0/8/8'])(
    'the entry "%s" is refused by name',
    (rule) => {
      expect(() => createNetworkGuard({ allow: [rule] })).toThrow(`"${rule}" is neither`)
    },
  )

  test('entries are separated by commas or white space', () => {
    expect(splitAllowRules(' 10.0.0.0/8, lan:80\n[::1]:1 ,')).toEqual(['10.0.0.0/8', 'lan:80', '[::1]:1'])
  })
})
