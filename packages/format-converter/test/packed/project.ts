import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))

/** A project of a stranger: nothing but the packed library, its one dependency and the SDKs. */
export interface Project {
  readonly folder: string
  /** Puts a file into the project. @returns its path */
  write(name: string, text: string): string
  remove(): void
}

/**
 * Packs the library as it would be published and installs the tarball into an empty folder, without a network: what it
 * depends on is taken from this workspace.
 */
export function createProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'relay-packed-'))
  const tarball = join(folder, 'format-converter.tgz')
  run('pnpm', ['pack', '--out', tarball], PACKAGE)
  const write = (name: string, text: string): string => {
    const file = join(folder, name)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, text)
    return file
  }
  const linked = ['eventsource-parser', '@anthropic-ai/sdk', 'openai'].map((name) => [
    name,
    `link:${join(PACKAGE, 'node_modules', name)}`,
  ])
  const dependencies = { '@relay/format-converter': `file:${tarball}`, ...Object.fromEntries(linked.slice(1)) }
  write('package.json', JSON.stringify({ name: 'stranger', private: true, type: 'module', dependencies }))
  write('pnpm-workspace.yaml', `overrides:\n${linked.map(([name, link]) => `  '${name}': '${link}'\n`).join('')}`)
  run('pnpm', ['install', '--offline', '--ignore-scripts', '--no-frozen-lockfile'], folder)
  if (!existsSync(join(folder, 'node_modules/@relay/format-converter/dist/index.js')))
    throw new Error('the packed library has no dist/index.js; run the build first')
  cpSync(fileURLToPath(new URL('smoke.ts', import.meta.url)), join(folder, 'smoke.ts'))
  return { folder, write, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Runs a program; what it has to say is in the error when it fails. */
export function run(command: string, parameters: readonly string[], folder: string): string {
  const options = { cwd: folder, encoding: 'utf8', stdio: 'pipe', timeout: 120_000 } as const
  return execFileSync(command, parameters, { ...options, shell: process.platform === 'win32' })
}
