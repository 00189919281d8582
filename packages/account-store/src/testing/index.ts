export type { RedisGroup, SentinelGroup } from './redis-groups.ts'
export { startRedisCluster, startRedisSentinels } from './redis-groups.ts'
export type { RedisServer, RedisServerOptions } from './redis-server.ts'
export { hasRedisServer, startRedisServer } from './redis-server.ts'
