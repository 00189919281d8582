import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'

import { openRedisStore } from '../src/index.ts'
import { PATIENT, SECRETS } from './redis-stage.ts'

/**
 * One node on a shared Redis, for `redis-races.test.ts`: `node redis-process.ts <port> <relay key> <count> <ttl in ms>`.
 * It says when it is ready, asks for so many admissions at once when its standard input says so, prints each outcome, and
 * holds what it got until it is killed.
 */
const [port = '', secret = '', count = '', ttl = ''] = process.argv.slice(2)
const store = await openRedisStore({
  connection: { kind: 'standalone', address: { host: '127.0.0.1', port: Number(port) }, db: 0 },
  ...SECRETS,
  ...PATIENT,
})
const key = await store.findRelayKey(secret)
if (key === undefined) throw new Error('there is no such key')

/** Writes at once: a line that is printed must not wait in the memory of a process that is killed. */
function say(fact: string): void {
  writeSync(1, `${fact}\n`)
}

flushCompileCache() // a process that is killed does not do so at its end
say('ready')
for await (const _ of process.stdin) break
const request = {
  key,
  process: `process ${process.pid}`,
  ttlMs: Number(ttl),
  reserve: { tokens: 0, costMicroUsd: 100 },
}
const answers = await Promise.all(Array.from({ length: Number(count) }, async () => store.admit(request)))
for (const { type } of answers) say(type)
say('done')
// Held until the end.
setInterval(() => undefined, 1000)
