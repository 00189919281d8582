/** One address of a Redis server. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
}

/** What all ways to reach Redis have in common. */
export interface RedisAccess {
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** Encrypts the connection; certificates are checked against the system's authorities and `ca`. */
  readonly tls?: RedisTls | undefined
}

/** How the server of an encrypted connection is known. */
export interface RedisTls {
  /** PEM text of further authorities. */
  readonly ca?: string | undefined
}

/** Where Redis is: one server, a set of servers behind Sentinels, or a Cluster. */
export type RedisConnection =
  | (RedisAccess & { readonly kind: 'standalone'; readonly address: RedisAddress; readonly db: number })
  | (RedisAccess & {
      readonly kind: 'sentinel'
      readonly sentinels: readonly RedisAddress[]
      /** The name under which the Sentinels watch the master. */
      readonly masterName: string
      readonly sentinelUsername?: string | undefined
      readonly sentinelPassword?: string | undefined
      readonly db: number
    })
  | (RedisAccess & { readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] })

/** Names the server for people: never with a password. */
export function describeConnection(connection: RedisConnection): string {
  switch (connection.kind) {
    case 'standalone':
      return `Redis at ${addressText(connection.address)}`
    case 'sentinel':
      return `Redis "${connection.masterName}" behind the Sentinels ${connection.sentinels.map(addressText).join(', ')}`
    case 'cluster':
      return `the Redis Cluster at ${connection.nodes.map(addressText).join(', ')}`
  }
}

function addressText({ host, port }: RedisAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
