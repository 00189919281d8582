import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { run } from '../project.ts'

/** Git-ignored: fetched once. */
const TOOLS = fileURLToPath(new URL('../../../../../.tools/runtimes/', import.meta.url))

/** The binary of a runtime that npm ships, fetched on first use. */
export function binaryFromNpm(packageName: string, version: string, binary: string): string {
  const folder = join(TOOLS, packageName.replaceAll('/', '-'))
  const file = join(folder, 'node_modules', packageName, binary)
  if (existsSync(file)) return file
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: { [packageName]: version } }),
  )
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], folder)
  return file
}

/** Name of this machine in the words of npm's platform packages. @throws Error where the runtimes ship no binary */
export function platform(words: { readonly x64: string; readonly arm64: string }): string {
  const word =
    process.platform === 'linux' && process.arch in words ? words[process.arch as 'x64' | 'arm64'] : undefined
  if (word === undefined)
    throw new Error(`this runtime is tried on Linux only, not on ${process.platform} ${process.arch}`)
  return word
}
