/**
 * Packs the package in the current folder as it would be published, and has two judges look at the tarball:
 * publint (is the manifest right?) and attw (do its types resolve for those who import it?).
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'relay-pack-'))
try {
  const tarball = join(folder, 'package.tgz')
  run('pnpm', ['pack', '--out', tarball])
  run('publint', ['run', tarball, '--strict'])
  // `--profile esm-only`: the libraries offer no CommonJS, and Node ≥ 22 can require an ES module.
  run('attw', [tarball, '--profile', 'esm-only', '--no-emoji'])
} catch {
  process.exitCode = 1 // the judge has already said why
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The judges are found on the path that pnpm sets for scripts, where the root's programs follow the package's own. */
function run(command, commandArguments) {
  execFileSync(command, commandArguments, { stdio: 'inherit', shell: process.platform === 'win32' })
}
