import * as nodeModule from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Entry of the built command. Only this file runs on an old Node: it sees to it that the rest, which needs `node:sqlite`
 * and `crypto.argon2`, runs on one that has them. What a start on a new Node does not use is imported where it is used.
 */

/** As in package.json `engines`. */
const NODE_FLOOR = [24, 7] as const

const HERE = dirname(fileURLToPath(import.meta.url))
const PROGRAM = './relay-command.js'

/** By then a start is over: whoever is killed later has kept what it compiled. */
const KEEP_AFTER_MS = 5000

if (isNewEnough(process.versions.node)) {
  if (process.argv[2] === 'start') keepCompiledCode()
  await import(PROGRAM)
} else {
  const node = await findFetchedNode()
  if (node === undefined) refuse()
  else await runOn(node)
}

/**
 * Compiled code is kept beside the program, so that the next start need not compile it again; where nothing can be
 * written there, every start compiles.
 */
function keepCompiledCode(): void {
  nodeModule.enableCompileCache(join(HERE, '.compile-cache'))
  setTimeout(() => nodeModule.flushCompileCache(), KEEP_AFTER_MS).unref()
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor >= NODE_FLOOR[1])
}

/** The Node that `npm start` fetched into the repository, when this bundle lies in one. */
async function findFetchedNode(): Promise<string | undefined> {
  const { readdirSync } = await import('node:fs')
  const packages = join(HERE, '../../../.tools/node/node_modules')
  try {
    const name = readdirSync(packages).find((entry) => entry.startsWith('node-'))
    return name === undefined ? undefined : join(packages, name, 'bin', 'node')
  } catch {
    return undefined // nothing was fetched here
  }
}

async function runOn(node: string): Promise<void> {
  const { spawn } = await import('node:child_process')
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  child.on('error', refuse)
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 128)
  })
}

function refuse(): void {
  process.stderr.write(
    `relay: this is Node ${process.versions.node}, and Relay needs ${NODE_FLOOR.join('.')} or newer; ` +
      'install Node 24, or run `npm start` once in the repository, which fetches it\n',
  )
  process.exitCode = 1
}
