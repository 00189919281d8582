import { BlockList, isIP, isIPv4 } from 'node:net'

import { createNetworkGuard, splitAllowRules, UpstreamError } from '@relay/upstreams'
import * as z from 'zod'

import { redisAddresses, redisUrl } from './redis-address.ts'

/** Log levels from the most to the least talkative. */
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** One environment variable: everything that is known about it. */
export interface Setting<Value> {
  /** The environment variable. */
  readonly name: string
  /** As it would be written in the environment; `undefined` = nothing. */
  readonly fallback: string | undefined
  /** English, one sentence. */
  readonly meaning: string
  /** Its value never appears in a message. */
  readonly isSecret: boolean
  /** Reads the text; its errors say what is wrong and what is allowed, without the value. */
  readonly schema: z.ZodType<Value, string>
}

const MAX_TAG_HEADERS = 20
/** What carries credentials, or steers the request itself. */
const NEVER_TAGS = /^(?:authorization|proxy-authorization|x-api-key|api-key|cookie|host|content-.*|connection)$/i

/** The two secrets that everything stored is sealed and keyed with. */
export const SECRET_NAMES = ['JWT_SECRET', 'ENCRYPTION_KEY'] as const

/** One of {@link SECRET_NAMES}. */
export type SecretName = (typeof SECRET_NAMES)[number]

const secretText = z.string()

/**
 * Every environment variable that Relay reads, in the order in which the documentation shows them.
 *
 * A new variable is a new row: the configuration, `relay doctor` and the documentation are made from this table.
 */
export const settings = {
  port: setting('PORT', {
    fallback: '3000',
    meaning: 'Port to listen on; 0 lets the system choose.',
    schema: wholeNumber(0, 65_535),
  }),
  host: setting('HOST', {
    fallback: '127.0.0.1',
    meaning: 'Address to listen on; 0.0.0.0 listens on all.',
    schema: hostName(),
  }),
  dataDir: setting('DATA_DIR', {
    fallback: './data',
    meaning: 'Folder of the embedded store and, outside production, of secrets.json.',
    schema: z.string().max(4096, 'is longer than 4096 characters'),
  }),
  redisUrl: setting('REDIS_URL', {
    meaning:
      'Redis 7 or Valkey that several nodes share: redis://user:password@host:port/db, rediss:// encrypted. Without any Redis the embedded store in DATA_DIR is used.',
    isSecret: true,
    schema: redisUrl(),
  }),
  redisHost: setting('REDIS_HOST', { meaning: 'Host of Redis, instead of REDIS_URL.', schema: hostName() }),
  redisPort: setting('REDIS_PORT', {
    fallback: '6379',
    meaning: 'Port of Redis at REDIS_HOST.',
    schema: wholeNumber(1, 65_535),
  }),
  redisUsername: setting('REDIS_USERNAME', { meaning: 'User name for Redis.', schema: z.string() }),
  redisPassword: setting('REDIS_PASSWORD', { meaning: 'Password for Redis.', isSecret: true, schema: secretText }),
  redisDb: setting('REDIS_DB', {
    fallback: '0',
    meaning: 'Number of the database in Redis.',
    schema: wholeNumber(0, 65_535),
  }),
  redisTls: setting('REDIS_TLS', {
    fallback: 'false',
    meaning: 'true encrypts the connections to Redis.',
    schema: oneOf(['true', 'false']),
  }),
  redisTlsCa: setting('REDIS_TLS_CA', {
    meaning: 'File with the authorities (PEM) that Redis is trusted by, beside those of the system.',
    schema: z.string(),
  }),
  redisSentinels: setting('REDIS_SENTINELS', {
    meaning: 'Sentinels that know the Redis master: host:port, comma separated.',
    schema: redisAddresses(26_379),
  }),
  redisSentinelName: setting('REDIS_SENTINEL_NAME', {
    fallback: 'mymaster',
    meaning: 'Name under which the Sentinels watch the master.',
    schema: z.string(),
  }),
  redisSentinelPassword: setting('REDIS_SENTINEL_PASSWORD', {
    meaning: 'Password for the Sentinels.',
    isSecret: true,
    schema: secretText,
  }),
  redisCluster: setting('REDIS_CLUSTER', {
    meaning: 'Nodes of a Redis Cluster, one is enough: host:port, comma separated.',
    schema: redisAddresses(6379),
  }),
  redisNamespace: setting('REDIS_NAMESPACE', {
    fallback: 'relay',
    meaning: 'Beginning of every key, for installations that share one Redis.',
    schema: z.string().regex(/^[\w.-]{1,50}$/, 'is not 1 to 50 letters, digits, dots, dashes or underscores'),
  }),
  storeAway: setting('RELAY_STORE_AWAY', {
    fallback: 'memory',
    meaning:
      'While Redis is away or the disk is full: memory serves keys that were in use, with limits for each node; refuse answers every request with 503.',
    schema: oneOf(['memory', 'refuse']),
  }),
  jwtSecret: setting('JWT_SECRET', {
    meaning: 'Keys the sessions of the panel; at least 32 characters. Outside production it is made when missing.',
    isSecret: true,
    schema: secretText,
  }),
  encryptionKey: setting('ENCRYPTION_KEY', {
    meaning:
      'Seals the credentials of the accounts; at least 32 characters. Outside production it is made when missing.',
    isSecret: true,
    schema: secretText,
  }),
  environment: setting('NODE_ENV', {
    fallback: 'development',
    // A slip such as "prod" would switch the protections of production off without a word.
    meaning: 'production refuses to start without good secrets, switches the demo off and guards loopback addresses.',
    schema: oneOf(['development', 'production', 'test']),
  }),
  logLevel: setting('LOG_LEVEL', {
    fallback: 'info',
    meaning: 'The least important messages that are logged.',
    schema: oneOf(LOG_LEVELS),
  }),
  trustProxy: setting('TRUST_PROXY', {
    fallback: '',
    meaning:
      'Addresses and networks of the proxies in front of Relay, whose X-Forwarded-For is believed; comma separated.',
    schema: proxyList(),
  }),
  allowPrivate: setting('RELAY_ALLOW_PRIVATE', {
    fallback: '',
    meaning: 'Private addresses that accounts may use: addresses, networks and host:port, comma separated.',
    schema: allowList(),
  }),
  configFile: setting('RELAY_CONFIG', {
    meaning: 'Path of the configuration file; without it ./relay.config.json is read if it is there.',
    schema: z.string().max(4096, 'is longer than 4096 characters'),
  }),
  pricesFile: setting('RELAY_PRICES', {
    meaning: 'Path of a JSON file with prices of your own, which win over the bundled table.',
    schema: z.string().max(4096, 'is longer than 4096 characters'),
  }),
  workers: setting('RELAY_WORKERS', {
    fallback: '1',
    meaning: 'Processes that serve the port; one uses one core. Limits stay exact over all of them.',
    schema: wholeNumber(1, 64),
  }),
  memoryMb: setting('RELAY_MEMORY_MB', {
    fallback: '0',
    meaning:
      'Memory in MB that Relay may use, all workers together: near it, load is shed. 0 is what the container or the machine has.',
    schema: wholeNumber(0, 1_048_576),
  }),
  backupsKept: setting('RELAY_BACKUPS', {
    fallback: '7',
    meaning: 'Backups that are kept in DATA_DIR/backups; a new one is made every day. 0 makes none by itself.',
    schema: wholeNumber(0, 1000),
  }),
  tagHeaders: setting('RELAY_TAG_HEADERS', {
    fallback: '',
    meaning:
      'Request headers whose values are kept with the usage records as tags and never forwarded; comma separated.',
    schema: headerList(),
  }),
  metricsPort: setting('METRICS_PORT', {
    meaning:
      'Port of its own for /metrics, on the address of HOST; without one /metrics lies on PORT, and only behind METRICS_TOKEN.',
    schema: wholeNumber(0, 65_535),
  }),
  metricsToken: setting('METRICS_TOKEN', {
    meaning: 'Bearer token for /metrics; needed unless METRICS_PORT is set.',
    isSecret: true,
    schema: z.string().min(16, 'is shorter than 16 characters; use a random one'),
  }),
}

interface SettingFacts<Value> {
  readonly fallback?: string
  readonly meaning: string
  readonly isSecret?: boolean
  readonly schema: z.ZodType<Value, string>
}

function setting<Value>(name: string, facts: SettingFacts<Value>): Setting<Value> {
  return { fallback: undefined, isSecret: false, ...facts, name }
}

function hostName(): z.ZodType<string, string> {
  return z.string().regex(/^[\w.:%-]{1,255}$/, 'is not an address or host name; use for instance 127.0.0.1 or 0.0.0.0')
}

function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  const wrong = `is not a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,15}$/, wrong)
    .transform(Number)
    .refine((value) => value >= min && value <= max, wrong)
}

function oneOf<const Choice extends string>(choices: readonly Choice[]): z.ZodType<Choice, string> {
  return z.string().transform((text, context) => {
    const choice = choices.find((candidate) => candidate === text)
    if (choice !== undefined) return choice
    context.addIssue({ code: 'custom', message: `is not one of ${choices.join(', ')}` })
    return z.NEVER
  })
}

function allowList(): z.ZodType<readonly string[], string> {
  return z.string().transform((text, context) => {
    const rules = splitAllowRules(text)
    try {
      createNetworkGuard({ allow: rules })
    } catch (error) {
      if (!UpstreamError.is(error)) throw error
      context.addIssue({ code: 'custom', message: `cannot be read: ${error.message}` })
    }
    return rules
  })
}

function headerList(): z.ZodType<readonly string[], string> {
  return z.string().transform((text, context) => {
    const names = text.split(/[\s,]+/).filter((entry) => entry !== '')
    const wrong = names.find((name) => !/^[\w-]{1,100}$/.test(name) || NEVER_TAGS.test(name))
    if (wrong === undefined && names.length <= MAX_TAG_HEADERS) return names.map((name) => name.toLowerCase())
    const message =
      wrong === undefined
        ? `names ${names.length} headers, allowed are ${MAX_TAG_HEADERS}`
        : `holds ${JSON.stringify(wrong.slice(0, 100))}, which cannot be kept as a tag`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

function proxyList(): z.ZodType<readonly string[], string> {
  return z.string().transform((text, context) => {
    const networks = text.split(/[\s,]+/).filter((entry) => entry !== '')
    const wrong = networks.find((network) => !isNetwork(network))
    if (wrong !== undefined) {
      const message = `holds ${JSON.stringify(wrong)}, which is neither an address nor a network such as 10.0.0.0/8`
      context.addIssue({ code: 'custom', message })
    }
    return networks
  })
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  if (isIP(address) === 0 || rest.length > 0) return false
  if (bits === undefined) return true
  if (!/^\d{1,3}$/.test(bits)) return false
  try {
    new BlockList().addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6')
    return true
  } catch {
    return false // more bits than the address has; tested with 10.0.0.0/33
  }
}
