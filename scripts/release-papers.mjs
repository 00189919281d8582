/**
 * Writes what goes with a release into `release/`: a bill of materials of the server in CycloneDX, and the licence notices
 * of all that is bundled into it.
 *
 *     pnpm release:papers
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'

const FOLDER = 'release'
const { version } = JSON.parse(readFileSync('apps/server/package.json', 'utf8'))
mkdirSync(FOLDER, { recursive: true })
const bill = `${FOLDER}/relay-${version}.cdx.json`
const words = [
  'sbom',
  '--sbom-format',
  'cyclonedx',
  '--sbom-type',
  'application',
  '--filter',
  '@relay/server',
  '--out',
  bill,
]
execFileSync('pnpm', words, { stdio: 'inherit' })
copyFileSync('apps/server/dist/THIRD-PARTY-NOTICES.txt', `${FOLDER}/THIRD-PARTY-NOTICES.txt`)
console.log(`${bill}, ${FOLDER}/THIRD-PARTY-NOTICES.txt`)
