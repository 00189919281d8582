import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The versions that are run; what they send and need was last looked at with these. */
export const CLIENT_VERSIONS = {
  'claude-code': '2.1.332',
  codex: '0.171.0',
  opencode: '1.18.33',
} as const

/** A client by the name of its command line. */
export type ClientName = keyof typeof CLIENT_VERSIONS

/** The programs, as they are started. */
export type ClientPrograms = Readonly<Record<ClientName, readonly string[]>>

const FOLDER = fileURLToPath(new URL('../../../../.tools/clients/', import.meta.url))
const INSTALL_LIMIT_MS = 10 * 60_000

/**
 * Puts the clients into the git-ignored `.tools/clients`, unless they lie there already.
 *
 * npm runs no install scripts, so the packages that hold the binaries of this platform are named themselves.
 */
export function installClients(): ClientPrograms {
  const platform = `${process.platform}-${process.arch}`
  const claude = `@anthropic-ai/claude-code-${platform}`
  const opencode = `opencode-${platform.replace('win32', 'windows')}`
  const dependencies = {
    '@openai/codex': CLIENT_VERSIONS.codex,
    [claude]: CLIENT_VERSIONS['claude-code'],
    [opencode]: CLIENT_VERSIONS.opencode,
  }
  const modules = join(FOLDER, 'node_modules')
  if (!isInstalled(modules, dependencies)) {
    mkdirSync(FOLDER, { recursive: true })
    writeFileSync(join(FOLDER, 'package.json'), JSON.stringify({ private: true, dependencies }))
    npmInstall()
  }
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return {
    'claude-code': [join(modules, claude, `claude${suffix}`)],
    codex: [process.execPath, join(modules, '@openai/codex/bin/codex.js')],
    opencode: [join(modules, opencode, `bin/opencode${suffix}`)],
  }
}

function isInstalled(modules: string, dependencies: Readonly<Record<string, string>>): boolean {
  return Object.entries(dependencies).every(([name, version]) => {
    const manifest = join(modules, name, 'package.json')
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version
  })
}

function npmInstall(): void {
  const install = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], {
    cwd: FOLDER,
    // npm tells its scripts where *this* project lies; the clients' folder is a project of its own.
    env: { ...process.env, npm_config_local_prefix: FOLDER },
    shell: process.platform === 'win32', // npm is a .cmd file there
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: INSTALL_LIMIT_MS,
  })
  if (install.status !== 0) throw new Error('the clients could not be fetched from npm; see what it said above')
}
