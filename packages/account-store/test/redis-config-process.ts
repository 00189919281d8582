import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'

import { openRedisStore } from '../src/index.ts'
import { PATIENT, SECRETS } from './redis-stage.ts'

/**
 * One node that declares its configuration again and again, for `redis-node-crashes.test.ts`:
 * `node redis-config-process.ts <port>`. It begins with the number it reads, and prints each that was confirmed.
 */
const [port = ''] = process.argv.slice(2)
const store = await openRedisStore({
  connection: { kind: 'standalone', address: { host: '127.0.0.1', port: Number(port) }, db: 0 },
  ...PATIENT,
  ...SECRETS,
})
let mark = 0
flushCompileCache() // a process that is killed does not do so at its end
writeSync(1, 'ready\n')
for await (const chunk of process.stdin) {
  mark = Number(chunk)
  break
}
for (;;) {
  mark += 1
  await store.applyConfig({
    accounts: Array.from({ length: 20 }, (_, index) => ({
      name: `account ${index}`,
      type: 'ccr',
      baseUrl: 'https://upstream.example',
      description: String(mark),
      credential: `credential-${mark}`,
    })),
    relayKeys: Array.from({ length: 30 }, (_, index) => ({
      name: `key ${index}`,
      secret: `rk_config_${String(index).padStart(20, '0')}_${mark}`,
      note: String(mark),
    })),
    budgetHolders: [{ kind: 'team', name: 'research', note: String(mark) }],
  })
  writeSync(1, `${mark}\n`)
}
