import { setTimeout as sleep } from 'node:timers/promises'

import { Pool } from 'undici'

/**
 * Asks for `/health` again and again until it is told to stop, then says how long each answer took, in milliseconds. A
 * process of its own: one that reads streams meanwhile would measure itself.
 */
const pool = new Pool(process.argv[2] ?? '')
const over = new AbortController()
process.once('message', () => over.abort())

async function ask(): Promise<number> {
  const begunAt = performance.now()
  const { body } = await pool.request({ method: 'GET', path: '/health' })
  await body.dump()
  return performance.now() - begunAt
}

await ask() // connects
process.send?.('ready')
const waits: number[] = []
while (!over.signal.aborted) {
  waits.push(await ask())
  await sleep(5)
}
await pool.destroy()
process.send?.(waits)
