import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { isRunning } from '../is-running.ts'
import { makeFolder } from '../make-folder.ts'

/** Records on the disk, in the order in which they came. */
export interface Spool<Item> {
  /** Writes records down and waits for the disk.
   * @returns `false` when there is no room left; then nothing was written */
  add(items: readonly Item[]): Promise<boolean>
  /** Hands over the oldest records, and forgets them when that went well.
   * @throws what handing over throws; the records stay */
  take(max: number, hand: (batch: readonly Item[]) => Promise<void>): Promise<void>
  state(): { readonly waiting: number }
}

/** Bounds the disk: some 60,000 records. */
const MAX_BYTES = 64 * 1024 * 1024
const FILE = /^(\d{1,10})-[\da-f-]{36}\.jsonl$/

interface SpoolFile {
  readonly path: string
  bytes: number
  /** Lines that are not written to the store yet. */
  waiting: number
  /** Lines at the start of the file that are. */
  done: number
}

/**
 * Opens a folder for records that cannot be written now.
 *
 * Each process writes a file of its own. The files of processes that have died are taken over: should two processes take the
 * same one, its records are written twice, which has no effect.
 */
export function openSpool<Item>(folder: string): Spool<Item> {
  makeFolder(folder)
  const files = leftFiles(folder)
  const own: SpoolFile = { path: join(folder, `${process.pid}-${randomUUID()}.jsonl`), bytes: 0, waiting: 0, done: 0 }
  files.push(own)

  async function add(items: readonly Item[]): Promise<boolean> {
    // The line break comes first: should the last write have been cut, this one is not joined to what is left of it.
    const text = items.map((item) => `\n${JSON.stringify(item, keepUnknown)}`).join('')
    const bytes = Buffer.byteLength(text)
    if (files.reduce((sum, file) => sum + file.bytes, 0) + bytes > MAX_BYTES) return false
    try {
      await append(own.path, text)
    } catch {
      return false // no room on the disk either: the queue keeps them and says so
    }
    own.bytes += bytes
    own.waiting += items.length
    return true
  }

  async function take(max: number, hand: (batch: readonly Item[]) => Promise<void>): Promise<void> {
    const file = files.find(({ waiting }) => waiting > 0)
    if (file === undefined) return
    const lines = await readLines(file.path)
    const batch = lines.slice(file.done, file.done + max)
    const items = batch.flatMap(parseLine) as Item[] // written by `add` from this very type
    if (items.length > 0) await hand(items)
    file.done += batch.length
    file.waiting = lines.length - file.done
    if (file.waiting > 0) return
    await rm(file.path, { force: true })
    Object.assign(file, { bytes: 0, waiting: 0, done: 0 })
  }

  return { add, take, state: () => ({ waiting: files.reduce((sum, { waiting }) => sum + waiting, 0) }) }
}

/** What is not known is written as such: a field that is left out would be another shape of record. */
function keepUnknown(_: string, value: unknown): unknown {
  return value === undefined ? null : value
}

function leftFiles(folder: string): SpoolFile[] {
  return readdirSync(folder).flatMap((name) => {
    const pid = FILE.exec(name)?.[1]
    if (pid === undefined || isOfAnother(Number(pid))) return []
    const path = join(folder, name)
    const waiting = readFileSync(path, 'utf8').split('\n').filter(isWhole).length
    return [{ path, bytes: statSync(path).size, waiting, done: 0 }]
  })
}

/** A file with this process's number was left by an earlier one that had the same: in a container they all have. */
function isOfAnother(pid: number): boolean {
  return pid !== process.pid && isRunning(pid)
}

async function append(path: string, text: string): Promise<void> {
  const file = await open(path, 'a', 0o600)
  try {
    await file.appendFile(text)
    await file.datasync()
  } finally {
    await file.close()
  }
}

async function readLines(path: string): Promise<readonly string[]> {
  return (await readFile(path, 'utf8')).split('\n').filter(isWhole)
}

function isWhole(line: string): boolean {
  return line !== ''
}

/** A line that was cut when its process was killed is nothing that was ever confirmed. */
function parseLine(line: string): readonly unknown[] {
  try {
    return [JSON.parse(line)]
  } catch {
    return []
  }
}
