import { basename } from 'node:path'

/** The program that this process runs, when it is the `relay` command. */
export function findCommandFile(): string | undefined {
  const file = process.argv[1]
  return file !== undefined && /^relay(?:-command)?(?:\.[cm]?[jt]s)?$/.test(basename(file)) ? file : undefined
}
