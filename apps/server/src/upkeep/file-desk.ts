import { randomUUID } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { makeFolder } from '@relay/account-store'

/** A file that came from a browser or waits for one. */
export interface DeskFile {
  readonly id: string
  readonly bytes: number
}

/** Files on their way in or out: exports, backups, and what is made of them. They lie in the data folder for an hour at most. */
export interface FileDesk {
  /** Keeps what comes. @throws FileTooLarge, and nothing of it is kept */
  receive(pieces: AsyncIterable<Uint8Array>): Promise<DeskFile>
  /** A place for a file that is to be made.
   * @param ending - with its dot, e.g. `.gz` */
  reserve(ending: string): Promise<{ readonly id: string; readonly path: string }>
  /** Where a file is; `undefined` when it is not, or not any more. */
  find(id: string): string | undefined
  remove(id: string): Promise<void>
  /** Removes what is too old. */
  sweep(): Promise<void>
}

/** Thrown by {@link FileDesk.receive}. */
export class FileTooLarge extends Error {
  override readonly name = 'FileTooLarge'
}

const MAX_AGE_MS = 3_600_000
/** Names that this desk gives; nothing else is ever looked for, so no name leads out of the folder. */
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.[a-z]{1,8})?$/

export interface FileDeskOptions {
  readonly folder: string
  readonly maxBytes: number
}

export function createFileDesk({ folder, maxBytes }: FileDeskOptions): FileDesk {
  async function reserve(ending: string): Promise<{ id: string; path: string }> {
    makeFolder(folder)
    await sweep()
    const id = `${randomUUID()}${ending}`
    return { id, path: join(folder, id) }
  }

  async function receive(pieces: AsyncIterable<Uint8Array>): Promise<DeskFile> {
    const { id, path } = await reserve('')
    try {
      await pipeline(Readable.from(bounded(pieces, maxBytes)), createWriteStream(path, { mode: 0o600 }))
      return { id, bytes: (await stat(path)).size }
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
  }

  async function sweep(): Promise<void> {
    const names = await readdir(folder).catch(() => []) // nothing was ever moved here
    for (const name of names.filter((each) => ID.test(each))) {
      const { mtimeMs } = await stat(join(folder, name))
      if (mtimeMs < Date.now() - MAX_AGE_MS) await remove(name)
    }
  }

  async function remove(id: string): Promise<void> {
    if (ID.test(id)) await rm(join(folder, id), { force: true, recursive: true })
  }

  return {
    receive,
    reserve,
    find: (id) => (ID.test(id) && existsSync(join(folder, id)) ? join(folder, id) : undefined),
    remove,
    sweep,
  }
}

async function* bounded(pieces: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array, void> {
  let bytes = 0
  for await (const piece of pieces) {
    bytes += piece.length
    if (bytes > maxBytes) throw new FileTooLarge(`more than ${maxBytes} bytes`)
    yield piece
  }
}
