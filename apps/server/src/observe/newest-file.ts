import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * When the newest file of a folder was written.
 *
 * @returns Unix time in milliseconds; `undefined` for a folder that is empty or not there
 */
export async function newestFileAt(folder: string): Promise<number | undefined> {
  try {
    const names = await readdir(folder)
    const times = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).mtimeMs))
    return times.length === 0 ? undefined : Math.max(...times)
  } catch {
    return undefined // no backup was ever made here, or one went away while we looked
  }
}
