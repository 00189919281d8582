import { BlockList, isIP } from 'node:net'

import { checkText, refuseField } from './check-field.ts'

type Family = 'ipv4' | 'ipv6'

interface Network {
  readonly address: string
  readonly family: Family
  readonly prefix: number
}

/** IPv4 addresses as a socket for both families shows them. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

const known = new WeakMap<readonly string[], BlockList>()

/** An address or a network, such as `10.0.0.0/8`; kept as it was written. */
export function checkNetwork(field: string, value: unknown): string {
  const text = checkText(field, value, { min: 1, max: 100 })
  if (readNetwork(text) === undefined) {
    const value = JSON.stringify(text)
    refuseField(field, `holds ${value}, which is no address and no network such as 10.0.0.0/8`, {
      code: 'network',
      value,
    })
  }
  return text
}

/**
 * Tells whether an address is in a list of addresses and networks.
 *
 * @param list - `undefined` allows every address; the array itself is the name under which it is remembered
 * @param address - `undefined`, or no address at all, is in no list
 */
export function fitsAddressList(list: readonly string[] | undefined, address: string | undefined): boolean {
  if (list === undefined) return true
  const plain = MAPPED.exec(address ?? '')?.[1] ?? address?.replace(/%.*$/, '') ?? ''
  const family = familyOf(plain)
  return family !== undefined && blockListOf(list).check(plain, family)
}

function blockListOf(list: readonly string[]): BlockList {
  const made = known.get(list)
  if (made !== undefined) return made
  const networks = new BlockList()
  for (const text of list) {
    const network = readNetwork(text)
    if (network !== undefined) networks.addSubnet(network.address, network.prefix, network.family)
  }
  known.set(list, networks)
  return networks
}

function readNetwork(text: string): Network | undefined {
  const [address = '', prefixText, ...rest] = text.split('/')
  const family = familyOf(address)
  if (family === undefined || rest.length > 0) return undefined
  const longest = family === 'ipv4' ? 32 : 128
  if (prefixText === undefined) return { address, family, prefix: longest }
  const prefix = /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : Infinity
  return prefix <= longest ? { address, family, prefix } : undefined
}

function familyOf(address: string): Family | undefined {
  const version = isIP(address)
  if (version === 0) return undefined
  return version === 4 ? 'ipv4' : 'ipv6'
}
