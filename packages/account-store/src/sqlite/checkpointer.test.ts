import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { type Checkpointer, createCheckpointer } from './checkpointer.ts'
import { type Connection, openConnection } from './connection.ts'

const PAGE = 'x'.repeat(3000)

let folder = ''
let path = ''
let connection: Connection
let checkpointer: Checkpointer

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkpointer-'))
  path = join(folder, 'relay.db')
  connection = openConnection({ path, synchronous: 'NORMAL' })
  connection.execute('PRAGMA journal_mode = WAL')
  connection.execute('CREATE TABLE pages (text TEXT)')
  checkpointer = createCheckpointer(path, { lookMs: 50 })
})

afterEach(async () => {
  await checkpointer.stop()
  connection.close()
  rmSync(folder, { recursive: true })
})

/** Commits row by row, which are two pages of the log or three each. */
function write(rows: number): void {
  const insert = connection.prepare('INSERT INTO pages VALUES (?)')
  for (let count = 0; count < rows; count += 1) insert.runValues([PAGE])
}

/** Pages of the log that are not in the database yet; looking carries nothing over. */
function waitingPages(): number {
  const { log, checkpointed } = connection.prepare('PRAGMA wal_checkpoint(NOOP)').get() ?? {}
  return Number(log) - Number(checkpointed)
}

test('a long log that is being written is carried into the database beside its writer', async () => {
  write(700)
  expect(waitingPages()).toBeGreaterThan(1000)
  await vi.waitFor(() => {
    write(1)
    expect(checkpointer.isAtWork()).toBe(true)
  })
  await vi.waitFor(() => expect(waitingPages()).toBe(0))
  write(10) // begins the log anew
  expect(waitingPages()).toBeLessThan(100)
})

test('a short log needs no thread', async () => {
  write(100)
  for (let look = 0; look < 5; look += 1) await new Promise((resolve) => setTimeout(resolve, 50))
  expect(checkpointer.isAtWork()).toBe(false)
})

test('once it has stopped, nothing keeps the log from going with the last connection', async () => {
  write(700)
  await vi.waitFor(() => {
    write(1)
    expect(checkpointer.isAtWork()).toBe(true)
  })
  await checkpointer.stop()
  expect(checkpointer.isAtWork()).toBe(false)
  connection.close()
  expect(existsSync(`${path}-wal`)).toBe(false)
})
