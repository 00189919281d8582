/**
 * Adds up the packages' test reports, names what failed and why, and closes with one plain line: `N passed, N failed`.
 * The names stand at the end because a long output may be kept from its end only.
 *
 * Fails when a test failed, when no test ran, or when a package that has tests left no report: silence is not success.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..')

const total = { passed: 0, failed: 0, skipped: 0 }
const missing = []

for (const folder of packageFolders()) {
  const report = readReport(folder)
  if (report === undefined) {
    missing.push(folder)
    continue
  }
  total.passed += report.numPassedTests
  // A file that does not even load fails without a test of its own.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(isFailed),
  )
  for (const file of report.testResults) {
    for (const test of file.assertionResults.filter(isFailed)) {
      tellFailure(`${relative(ROOT, file.name)} > ${test.fullName}`, test.failureMessages.join('\n'))
    }
  }
  for (const file of brokenFiles) tellFailure(relative(ROOT, file.name), file.message)
  total.failed += report.numFailedTests + brokenFiles.length
  total.skipped += report.numPendingTests + (report.numTodoTests ?? 0)
}

for (const folder of missing) console.log(`no test report from ${folder}`)
if (total.passed + total.failed === 0) console.log('no test ran')

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`)
process.exitCode = total.failed > 0 || total.passed === 0 || missing.length > 0 ? 1 : 0

function isFailed(assertion) {
  return assertion.status === 'failed'
}

/** Says which test failed, with the beginning of its message: what differed, and where. */
function tellFailure(name, message) {
  const lines = message.split('\n').filter((line) => !line.includes('node_modules'))
  console.log([`failed: ${name}`, ...lines.slice(0, 12)].join('\n    '))
}

/** @returns the workspace's packages that have a `test` script, as paths from the root */
function packageFolders() {
  return ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(ROOT, group))
      .map((name) => join(group, name))
      .filter((folder) => {
        const manifest = join(ROOT, folder, 'package.json')
        return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).scripts?.test !== undefined
      }),
  )
}

function readReport(folder) {
  const file = join(ROOT, folder, 'reports', 'vitest.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}
