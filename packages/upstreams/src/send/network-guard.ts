import { BlockList, isIP, isIPv4 } from 'node:net'

import { UpstreamError } from '../upstream-error.ts'

/** What the guard lets pass. */
export interface NetworkGuardOptions {
  /**
   * Addresses (`10.1.2.3`), networks (`10.0.0.0/8`, `fd00::/8`) and `host:port` pairs that are
   * allowed although they are not public: the entries of `RELAY_ALLOW_PRIVATE`.
   */
  readonly allow?: readonly string[]
  /** Whether loopback needs no listing, as outside production. Default false. */
  readonly allowLoopback?: boolean
}

/** One address that a connection is about to be made to. */
export interface GuardTarget {
  /** As written in the URL, without brackets. */
  readonly host: string
  readonly port: number
  /** The resolved address. */
  readonly address: string
}

/** Decides which addresses may be connected to. */
export interface NetworkGuard {
  /** @returns why the address is refused and which setting allows it; `undefined` when it is allowed */
  refusal(target: GuardTarget): string | undefined
  /**
   * For a name that has no address here, and that a proxy would look up.
   *
   * @returns why a name that cannot be public is refused; `undefined` when it may be asked of the proxy
   */
  nameRefusal(target: Pick<GuardTarget, 'host' | 'port'>): string | undefined
}

/** Networks that are not the public internet. Source: the IANA special-purpose address registries. */
const SPECIAL_NETWORKS: readonly (readonly [network: string, what: string])[] = [
  ['0.0.0.0/8', 'unspecified'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'carrier-grade NAT'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'reserved'],
  ['192.88.99.0/24', 'reserved'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'reserved'],
  ['198.51.100.0/24', 'reserved'],
  ['203.0.113.0/24', 'reserved'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['::1/128', 'loopback'],
  ['::ffff:0:0/96', 'an IPv4-mapped'],
  ['::/96', 'unspecified'],
  ['64:ff9b:1::/48', 'private'],
  ['100::/64', 'reserved'],
  ['2001::/23', 'reserved'],
  ['2001:db8::/32', 'reserved'],
  ['2002::/16', 'reserved'],
  ['3fff::/20', 'reserved'],
  ['5f00::/16', 'reserved'],
  ['fc00::/7', 'unique-local'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'private'],
  ['ff00::/8', 'multicast'],
]

/** Last labels that name nothing of the public internet (RFC 6761, 6762, 8375; `internal` is reserved by ICANN since 2024). */
const PRIVATE_ENDINGS: readonly string[] = ['localhost', 'local', 'internal', 'intranet', 'lan', 'home.arpa']

/** Where clouds hand out credentials; a network that contains one of them does not allow it. */
const METADATA_ADDRESSES: readonly string[] = [
  '169.254.169.254', // most of them
  '169.254.170.2', // tasks of Amazon ECS
  '169.254.170.23', // pods of Amazon EKS
  '169.254.0.23', // Tencent
  '168.63.129.16', // Azure
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
  'fd00:ec2::254', // Amazon
  'fd00:ec2::23', // pods of Amazon EKS
  'fd20:ce::254', // Google
  'fe80::a9fe:a9fe', // OpenStack
]

/** One list for each family: Node's own would take an IPv4 address for its IPv4-mapped form. */
interface AddressSet {
  readonly ipv4: BlockList
  readonly ipv6: BlockList
}

interface Allowed {
  readonly networks: AddressSet
  readonly addresses: AddressSet
  readonly hosts: ReadonlySet<string>
}

/**
 * Makes the guard that every outgoing connection passes.
 *
 * @throws UpstreamError `allow-rule-invalid` for an entry that cannot be read
 */
export function createNetworkGuard(options: NetworkGuardOptions = {}): NetworkGuard {
  const allowed = readRules(options.allow ?? [])
  const special = SPECIAL_NETWORKS.map(([network, what]) => ({ networks: setOf(network), what }))
  const metadata = emptySet()
  for (const address of METADATA_ADDRESSES) addAddress(metadata, address)

  function refusal(target: GuardTarget): string | undefined {
    const address = plainAddress(target.address)
    if (contains(allowed.addresses, address)) return undefined
    if (contains(metadata, address) || contains(metadata, innerAddress(address))) return metadataRefusal(target)
    const found = special.find(({ networks }) => contains(networks, address))
    if (found === undefined) return undefined
    if (options.allowLoopback === true && found.what === 'loopback') return undefined
    if (contains(allowed.networks, address)) return undefined
    if (isListed(allowed, target)) return undefined
    return specialRefusal(target, found.what)
  }

  function nameRefusal({ host, port }: Pick<GuardTarget, 'host' | 'port'>): string | undefined {
    const name = host.toLowerCase().replace(/\.$/, '')
    const isPublic = name.includes('.') && !PRIVATE_ENDINGS.some((ending) => name.endsWith(`.${ending}`))
    if (isPublic || allowed.hosts.has(`${name}:${port}`)) return undefined
    return `the name ${host} is not public; to let the proxy look it up, add ${host}:${port} to RELAY_ALLOW_PRIVATE`
  }

  return { refusal, nameRefusal }
}

/** By the name that was asked for, or by the address that it has. */
function isListed({ hosts }: Allowed, { host, port, address }: GuardTarget): boolean {
  return hosts.has(`${host.toLowerCase()}:${port}`) || hosts.has(`${address.toLowerCase()}:${port}`)
}

/** Splits the value of `RELAY_ALLOW_PRIVATE`: entries separated by commas or white space. */
export function splitAllowRules(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((rule) => rule !== '')
}

function readRules(rules: readonly string[]): Allowed {
  const networks = emptySet()
  const addresses = emptySet()
  const hosts = new Set<string>()
  for (const rule of rules) {
    const bare = rule.startsWith('[') && rule.endsWith(']') ? rule.slice(1, -1) : rule
    if (isIP(bare) !== 0) addAddress(addresses, bare)
    else if (rule.includes('/')) addNetwork(networks, addresses, rule)
    else hosts.add(readHostRule(rule, addresses))
  }
  return { networks, addresses, hosts }
}

function addNetwork(networks: AddressSet, addresses: AddressSet, rule: string): void {
  const { address, bits, isSingle } = readNetwork(rule)
  if (isSingle) addAddress(addresses, address)
  else networks[family(address)].addSubnet(address, bits, family(address))
}

function readNetwork(rule: string): { address: string; bits: number; isSingle: boolean } {
  const [address = '', bitsText = '', ...rest] = rule.split('/')
  const widest = isIPv4(address) ? 32 : 128
  const bits = /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : Infinity
  if (isIP(address) === 0 || rest.length > 0 || bits > widest) throw invalidRule(rule)
  return { address, bits, isSingle: bits === widest }
}

/** `host:port`; an address with a port also counts as that exact address for the metadata rule. */
function readHostRule(rule: string, addresses: AddressSet): string {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:[\]/@]+)):(?<port>\d{1,5})$/.exec(rule)
  const { v6, host = v6, port: digits } = match?.groups ?? {}
  const port = Number(digits)
  if (host === undefined || port > 65_535) throw invalidRule(rule)
  if (METADATA_ADDRESSES.includes(host)) addAddress(addresses, host)
  return `${host.toLowerCase()}:${port}`
}

function invalidRule(rule: string): UpstreamError {
  return new UpstreamError(
    'allow-rule-invalid',
    `"${rule.slice(0, 100)}" is neither an address, a network such as 10.0.0.0/8, nor host:port`,
  )
}

function emptySet(): AddressSet {
  return { ipv4: new BlockList(), ipv6: new BlockList() }
}

function addAddress(set: AddressSet, address: string): void {
  set[family(address)].addAddress(address, family(address))
}

/** For a network of our own making, which is written well. */
function setOf(network: string): AddressSet {
  const set = emptySet()
  const [address = '', bits] = network.split('/')
  set[family(address)].addSubnet(address, Number(bits), family(address))
  return set
}

function contains(set: AddressSet, address: string): boolean {
  return set[family(address)].check(address, family(address))
}

/** Of what is known to be an address: compiling Node's pattern of an IPv6 address takes milliseconds of a start. */
function family(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}

/** Without the zone of a link-local address, and the IPv4 address inside a NAT64 one. */
function plainAddress(address: string): string {
  const [bare = ''] = address.split('%')
  if (family(bare) === 'ipv4') return bare
  // The URL parser writes an IPv6 address in its one canonical form.
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const embedded = /^64:ff9b::(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/.exec(canonical)
  return embedded === null ? canonical : dotted(embedded[1], embedded[2])
}

/** The IPv4 address that an IPv4-mapped, IPv4-compatible, 6to4 or local NAT64 address leads to; other addresses as they are. */
function innerAddress(address: string): string {
  const found =
    /^(?:::(?:ffff:)?|64:ff9b:1::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$|^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):/.exec(address)
  if (found === null) return address
  const [, high = found[3], low = found[4]] = found
  return dotted(high, low)
}

function dotted(...halves: readonly (string | undefined)[]): string {
  return halves
    .map((half) => Number.parseInt(half ?? '0', 16))
    .flatMap((half) => [half >> 8, half & 255])
    .join('.')
}

function metadataRefusal(target: GuardTarget): string {
  return `${named(target)} is a cloud metadata address; only RELAY_ALLOW_PRIVATE=${target.address} allows it`
}

function specialRefusal(target: GuardTarget, what: string): string {
  const { host, port, address } = target
  const pair = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  return `${named(target)} is ${what}, not public; to allow it, add ${pair} or ${address} to RELAY_ALLOW_PRIVATE`
}

function named({ host, address }: GuardTarget): string {
  return host === address ? `the address ${address}` : `the address ${address} of ${host}`
}
