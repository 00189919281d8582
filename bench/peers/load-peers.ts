import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import { createLlmBridgePeer, type LlmBridge } from './llm-bridge.ts'
import { createLlmsPeer, type LlmsServer } from './musistudio-llms.ts'
import type { Peer } from './peer.ts'

const LLM_BRIDGE = { package: 'llm-bridge', version: '2.0.1' }
const LLMS = { package: '@musistudio/llms', version: '1.0.53' }

/** Beside the bench's own dependencies, where no tool looks and nothing is committed. */
const FOLDER = join(import.meta.dirname, '..', 'node_modules', '.peers')
const INSTALL_LIMIT_MS = 120_000

/**
 * The other libraries. They bring a hundred packages, so they are no dependencies: the first run installs them from npm,
 * without their install scripts.
 *
 * @throws Error when they cannot be installed
 */
export function loadPeers(): Peer[] {
  if (!existsSync(join(FOLDER, 'package-lock.json'))) install()
  // The ES build of the second one does not load in Node.
  const require = createRequire(join(FOLDER, 'index.js'))
  const server = require(LLMS.package) as { readonly default?: LlmsServer } & LlmsServer
  return [
    createLlmBridgePeer(named(LLM_BRIDGE), require(LLM_BRIDGE.package) as LlmBridge),
    createLlmsPeer(named(LLMS), server.default ?? server),
  ]
}

function named(peer: typeof LLMS): string {
  return `${peer.package}@${peer.version}`
}

function install(): void {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, 'package.json'), '{ "private": true }\n')
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--save-exact']
  const { status, stderr } = spawnSync('npm', ['install', ...flags, named(LLM_BRIDGE), named(LLMS)], {
    cwd: FOLDER,
    encoding: 'utf8',
    timeout: INSTALL_LIMIT_MS,
  })
  if (status === 0) return
  throw new Error(`the peers could not be installed (leave them out with --no-peers): ${stderr}`)
}
