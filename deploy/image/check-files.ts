import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Check } from './check-image.ts'

/** What would let somebody who got in build, fetch or install something, or read our sources. */
const UNWANTED =
  /(?:^|\/)(?:npm|npx|pnpm|yarn|apt|apt-get|gcc|cc|make|git|curl|wget|tsup|node_modules|\.npmrc|\.env|secrets\.json|[^/]+\.map|[^/]+\.ts)$/
/** Shapes of secrets: private keys, and the keys of vendors and of Relay itself. */
const SECRET = /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bsk-[A-Za-z0-9_-]{20,}|\brk-[A-Za-z0-9_-]{40,}/

/** What lies in the image. */
export function checkFiles(root: string): readonly Check[] {
  const files = listFiles(root, '')
  const unwanted = files.filter((path) => UNWANTED.test(path))
  const own = files.filter((path) => path.startsWith('app/'))
  const secrets = own.filter((path) => SECRET.test(readFileSync(join(root, path), 'latin1')))
  return [
    { check: 'files of Relay', isGood: own.includes('app/relay.js'), seen: own.length },
    { check: 'build tools and sources', isGood: unwanted.length === 0, seen: unwanted.join(', ') || 'none' },
    { check: 'shapes of secrets', isGood: secrets.length === 0, seen: secrets.join(', ') || 'none' },
  ]
}

function listFiles(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? listFiles(root, path) : [path]
  })
}
