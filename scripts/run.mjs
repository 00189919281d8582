#!/usr/bin/env node
/**
 * Runs Relay's commands on a machine that has nothing but some Node (18 or newer) and npm:
 *
 *     node scripts/run.mjs start [arguments of `relay start`]
 *     node scripts/run.mjs test  [arguments of `turbo run`]
 *     node scripts/run.mjs build [arguments of `turbo run`]
 *
 * What is missing (a fitting Node, pnpm) is fetched once into the git-ignored `.tools/`; nothing is
 * installed outside this folder. This file has no dependencies because it runs before there are any.
 */
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const TOOLS = join(ROOT, '.tools')
const IS_WINDOWS = process.platform === 'win32'

/** `node:sqlite` and `crypto.argon2` without flags or warnings: the floor of the server and of its tests. */
const NODE_FLOOR = [24, 7]
/** Not 26: its binary needs libatomic, which slim Debian images lack. Not every platform has the newest 24. */
const NODE_RANGE = '>=24.7.0 <=24.21.0'
const PNPM_FLOOR = [11, 0]
const PNPM_RANGE = '12'

const FETCH_TIMEOUT_MS = 10 * 60_000
const VERSION_TIMEOUT_MS = 20_000
const ORPHAN_CHECK_MS = 250

const TEST_TASKS = ['build', 'fmt:check', 'lint', 'types', 'borders', 'knip', 'check:packages', 'test']

/** Trouble the person at the terminal can do something about: printed without a stack. */
class LauncherError extends Error {}

function main([command, ...rest]) {
  const given = rest[0] === '--' ? rest.slice(1) : rest // pnpm hands the separator on, npm does not
  if (command === 'start') return start(prepareTools(), given)
  if (command === 'test') return test(prepareTools(), given)
  if (command === 'build') return build(prepareTools(), given)
  throw new LauncherError(`unknown command ${JSON.stringify(command ?? '')}; use "start", "test" or "build"`)
}

/** Builds server and panel if their sources changed, then runs the relay until it ends. */
async function start(environment, relayArguments) {
  say('building what changed (the first time takes a minute)')
  const built = await build(environment, ['--filter=@relay/server'])
  if (built !== 0) return built
  // Else a relay with some hundred slow streams takes twice the memory for each; image and service set it, too, and what follows.
  const smallYoungSpace = '--max-semi-space-size=8'
  // Else each thread of the engine keeps a heap of its own: ten megabytes and more when hundreds of streams begin at once.
  const oneHeap = { MALLOC_ARENA_MAX: '1' }
  const program = join('apps', 'server', 'dist', 'relay.js')
  return run('node', [smallYoungSpace, program, 'start', ...relayArguments], { ...oneHeap, ...environment })
}

function build(environment, turboArguments) {
  return run('pnpm', ['exec', 'turbo', 'run', 'build', ...turboArguments], environment)
}

/** Everything a change must pass; one part that fails does not hide what the others have to say. */
async function test(environment, turboArguments) {
  say('building, checking and testing what changed (the first time takes some minutes)')
  await build(environment, turboArguments) // the longest tests need it: else they begin when all others are over
  const tasks = [...TEST_TASKS, '--continue=dependencies-successful', ...turboArguments]
  return run('pnpm', ['exec', 'turbo', 'run', ...tasks], environment)
}

/** @returns the environment in which `node` and `pnpm` are versions that fit, and dependencies are installed */
function prepareTools() {
  // npm runs on the Node it came with: its settings (proxy, certificates) are found beside that.
  const own = withPath(process.env, dirname(process.execPath))
  let environment = { ...own, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }

  if (!isAtLeast(process.versions.node, NODE_FLOOR)) environment = withPath(environment, fetchNode(own))
  if (!isAtLeast(versionOfPnpm(environment), PNPM_FLOOR)) environment = withPath(environment, fetchPnpm(own))
  // `pnpm exec` itself installs whenever the lockfile changed (`verifyDepsBeforeRun`).
  if (!existsSync(join(ROOT, 'node_modules'))) say('installing dependencies (once)')
  return environment
}

/** @returns the folder that holds `node` */
function fetchNode(environment) {
  const wanted = `Relay needs Node ${NODE_FLOOR.join('.')} or newer, this is ${process.versions.node}`
  if (isMusl()) {
    throw new LauncherError(
      `${wanted}, and there is no ready-made Node for musl libc to fetch. ` +
        'Install Node 24 with your package manager (Alpine: `apk add nodejs npm`), then run this again.',
    )
  }
  // The package `node` relies on an install script, which npm 12 does not run; the platforms' packages do not.
  const packageName = `node-${IS_WINDOWS ? 'win' : process.platform}-${process.arch}`
  const home = fetchTool({
    name: 'node',
    title: 'Node 24',
    manifest: { dependencies: { [packageName]: NODE_RANGE } },
    advice: `${wanted}, and ${packageName} could not be fetched. Install Node 24 from https://nodejs.org, then run this again.`,
    environment,
  })
  return join(home, 'node_modules', packageName, 'bin')
}

/** @returns the folder that holds `pnpm` */
function fetchPnpm(environment) {
  const home = fetchTool({
    name: 'pnpm',
    title: 'pnpm 12',
    // npm 12 runs no install script without leave; pnpm's puts its native binary in place.
    manifest: { dependencies: { pnpm: PNPM_RANGE }, allowScripts: { pnpm: true } },
    advice: 'pnpm 12 could not be fetched. Install it (https://pnpm.io/installation), then run this again.',
    finish: makePnpmExecutable,
    environment,
  })
  return join(home, 'node_modules', '.bin')
}

/**
 * Fetches a package into `.tools/<name>` unless it lies there already.
 *
 * It is unpacked beside its place and moved there when complete, so that an interrupted start or a second one at the
 * same time never meets half a tool.
 *
 * @returns the folder of the tool
 */
function fetchTool({ name, title, manifest, advice, finish, environment }) {
  const home = join(TOOLS, name)
  if (existsSync(home)) return home

  say(`fetching ${title} into .tools/ (once)`)
  const incoming = join(TOOLS, `${name}-incoming-${process.pid}`)
  try {
    mkdirSync(incoming, { recursive: true })
    writeFileSync(join(incoming, 'package.json'), JSON.stringify({ private: true, ...manifest }))
    npmInstall(incoming, advice, environment)
    finish?.(incoming)
    renameSync(incoming, home)
  } catch (error) {
    if (!existsSync(home)) throw error // else another start was faster, which is just as good
  } finally {
    rmSync(incoming, { recursive: true, force: true })
  }
  return home
}

function npmInstall(folder, advice, environment) {
  const install = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], {
    cwd: folder,
    // npm tells its scripts where *this* project lies; the tool's folder is a project of its own.
    env: { ...environment, npm_config_local_prefix: folder },
    shell: IS_WINDOWS, // npm is a .cmd file there
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: FETCH_TIMEOUT_MS,
  })
  if (install.error?.code === 'ENOENT') throw new LauncherError(`npm was not found on the path. ${advice}`)
  if (install.status !== 0) throw new LauncherError(advice)
}

/**
 * Without its install script (`ignore-scripts`), pnpm leaves a placeholder that only a shell can run; turbo cannot.
 * A small script with a first line that names its interpreter replaces it.
 */
function makePnpmExecutable(folder) {
  const binary = join(folder, 'node_modules', 'pnpm', 'pnpm')
  if (IS_WINDOWS || isExecutableFormat(binary)) return
  rmSync(binary, { force: true })
  writeFileSync(binary, '#!/bin/sh\nexec node "${0%/*}/../pnpm/bin/pnpm.mjs" "$@"\n', { mode: 0o755 })
}

/** A script that names its interpreter, or a binary; the placeholder is plain text. */
function isExecutableFormat(file) {
  const start = Buffer.alloc(4)
  const descriptor = openSync(file, 'r')
  readSync(descriptor, start, 0, start.length, 0)
  closeSync(descriptor)
  return start.toString('latin1').startsWith('#!') || start.some((byte) => byte > 0x7e || byte < 0x09)
}

/** Runs a command in the repository and passes on the signals that ask this process to stop. */
function run(command, commandArguments, environment) {
  return new Promise((finished, failed) => {
    const shell = IS_WINDOWS && command !== 'node'
    const child = spawn(command, commandArguments, { cwd: ROOT, env: environment, stdio: 'inherit', shell })
    const passOn = (signal) => {
      clearInterval(orphanWatch) // it has been asked
      // A terminal sends Ctrl-C to the child as well; a second one would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    const signals = IS_WINDOWS ? ['SIGINT'] : ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, passOn)
    // npm tells only the shell between us to stop, and that dies without a word: an orphan must stop as well.
    const parent = process.ppid
    const orphanWatch = setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), ORPHAN_CHECK_MS)
    child.on('error', (error) => failed(new LauncherError(`${command} could not be started: ${error.message}`)))
    child.on('exit', (code, signal) => {
      clearInterval(orphanWatch)
      for (const name of signals) process.off(name, passOn)
      finished(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}

function versionOfPnpm(environment) {
  const asked = spawnSync('pnpm', ['--version'], {
    cwd: ROOT,
    env: { ...environment, COREPACK_ENABLE_DOWNLOAD_PROMPT: '0' },
    shell: IS_WINDOWS,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: VERSION_TIMEOUT_MS,
  })
  return asked.status === 0 ? asked.stdout.trim() : '0.0'
}

function isAtLeast(version, [major, minor]) {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}

function isMusl() {
  return process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined
}

/** @returns a copy of the environment in which a folder's programs come first */
function withPath(environment, folder) {
  const name = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH' // `Path` on Windows
  return { ...environment, [name]: [folder, environment[name]].filter(Boolean).join(delimiter) }
}

function say(progress) {
  console.error(`relay: ${progress}`)
}

// Last, when everything above is known.
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof LauncherError)) throw error
  console.error(`relay: ${error.message}`)
  process.exitCode = 1
}
