/**
 * Packs the server as it would be published, installs it where nothing else is, and runs its command there: the bundle
 * needs no package, and all places agree on the version.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MAX_UNPACKED_MB = 40
const folder = mkdtempSync(join(tmpdir(), 'relay-command-'))
try {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  const tarball = join(folder, 'package.tgz')
  run('pnpm', ['pack', '--out', tarball])
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--loglevel=error', tarball], { cwd: folder })
  const said = run('npx', ['--offline', 'relay', '--version'], { cwd: folder }).trim()
  expect(said === version, `the packed command says version ${said}, its package ${version}`)
  const request = '{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}'
  const words = ['--offline', 'relay', 'convert', '--from', 'anthropic-messages', '--to', 'openai-chat']
  const converted = run('npx', words, { cwd: folder, input: request })
  expect(JSON.parse(converted).messages[0].content === 'hi', `the packed command converts to ${converted}`)
  const kilobytes = Number(run('du', ['-sk', 'node_modules'], { cwd: folder }).split('\t')[0])
  expect(kilobytes < MAX_UNPACKED_MB * 1024, `installed it takes ${kilobytes} kB`)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function run(command, commandArguments, { cwd = '.', input = '' } = {}) {
  const stdio = ['pipe', 'pipe', 'inherit']
  return execFileSync(command, commandArguments, {
    cwd,
    input,
    stdio,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
}

function expect(isTrue, otherwise) {
  if (!isTrue) throw new Error(otherwise)
}
