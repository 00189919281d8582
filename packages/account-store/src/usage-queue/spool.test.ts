import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { StoreError } from '../store-error.ts'
import { openSpool } from './spool.ts'
import { createUsageQueue } from './usage-queue.ts'

interface Item {
  readonly id: number
}

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'usage-queue-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

test('records that cannot be written wait on the disk, and are written once, in their order', async () => {
  const written: Item[] = []
  let isAway = true
  const queue = createUsageQueue<Item>({ write: writer(written, () => isAway), spool: openSpool(folder) })
  for (let id = 0; id < 1200; id += 1) queue.push({ id })
  await expect.poll(() => readdirSync(folder)).toHaveLength(1)
  expect(queue.state()).toMatchObject({ waiting: 1200, dropped: 0, lastError: 'it is away' })
  isAway = false
  queue.push({ id: 1200 })
  await queue.flush()
  expect(written.map(({ id }) => id)).toEqual(Array.from({ length: 1201 }, (_, id) => id))
  expect(queue.state()).toEqual({ waiting: 0, dropped: 0, lastError: undefined })
  expect(readdirSync(folder)).toEqual([])
})

test('what still waits when the process ends is written by the next one', async () => {
  const queue = createUsageQueue<Item>({ write: writer([], () => true), spool: openSpool(folder) })
  queue.push({ id: 1 })
  await queue.stop()
  expect(queue.push({ id: 2 })).toBe(false)

  const written: Item[] = []
  createUsageQueue<Item>({ write: writer(written, () => false), spool: openSpool(folder) })
  await expect.poll(() => written).toEqual([{ id: 1 }])
  await expect.poll(() => readdirSync(folder)).toEqual([])
})

test('a line that was cut when its process died costs no other record', async () => {
  // No process has this number.
  const left = join(folder, '4194305-11111111-2222-4333-8444-555555555555.jsonl')
  writeFileSync(left, '\n{"id":1}\n{"id":')
  appendFileSync(left, '\n{"id":3}')
  const written: Item[] = []
  createUsageQueue<Item>({ write: writer(written, () => false), spool: openSpool(folder) })
  await expect.poll(() => written).toEqual([{ id: 1 }, { id: 3 }])
})

test.runIf(process.platform === 'linux')(
  'the file of a process that ended, and whose parent never asked how, is taken over',
  async ({ onTestFinished }) => {
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void parent.kill('SIGKILL'))
    const pid = Number(await once(createInterface({ input: parent.stdout }), 'line'))
    writeFileSync(join(folder, `${pid}-11111111-2222-4333-8444-555555555555.jsonl`), '\n{"id":1}')
    await expect.poll(() => openSpool(folder).state().waiting).toBe(1)
  },
)

test("the file of a process that lives is left to it, and other people's files are left alone", async () => {
  const others = [`${process.ppid}-11111111-2222-4333-8444-555555555555.jsonl`, 'notes.txt']
  for (const name of others) writeFileSync(join(folder, name), '\n{"id":1}')
  const spool = openSpool<Item>(folder)
  expect(spool.state().waiting).toBe(0)
  await spool.add([{ id: 2 }])
  const taken: Item[] = []
  await spool.take(10, async (batch) => void taken.push(...batch))
  expect(taken).toEqual([{ id: 2 }])
  expect(readdirSync(folder).toSorted()).toEqual(others.toSorted())
})

function writer(written: Item[], isAway: () => boolean): (batch: readonly Item[]) => Promise<void> {
  return async (batch) => {
    if (isAway()) throw new StoreError('store-unavailable', 'it is away')
    written.push(...batch)
  }
}
