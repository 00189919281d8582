import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder, and those above it that are missing, for its owner only; one that is there stays as it is.
 *
 * The engine's own `recursive` never ends where a file system has the parent and answers `ENOENT` all the same, as `/proc`
 * does on Linux (Node 24). Here that is an error like any other.
 *
 * @throws the system's error, when it cannot be made or something else has its name
 */
export function makeFolder(path: string): void {
  if (isFolder(path)) return
  if (isFolder(dirname(path))) return makeOne(path)
  try {
    makeOne(path) // whatever stands in the way says so
  } catch (error) {
    if (!isMissing(error)) throw error
    makeFolder(dirname(path))
    makeOne(path)
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (!isFolder(path)) throw error // otherwise another process was faster
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false // whoever makes it hears why that fails
  }
}
