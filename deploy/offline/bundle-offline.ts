import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type BuiltImage, buildImage, ROOT } from '../image/build-image.ts'
import { requirePrograms, run, say } from '../image/run.ts'
import { CHECK_PROGRAMS, checkBundle } from './check-bundle.ts'
import { writePriceTable } from './price-table.ts'

/**
 * `pnpm bundle:offline [FOLDER]`: one archive with all that a machine without a network needs, made, unpacked and run
 * once before it is handed out.
 */
const folder = mkdtempSync(join(tmpdir(), 'relay-offline-'))
const goal = process.argv[2] ?? ROOT
try {
  requirePrograms(CHECK_PROGRAMS) // the build takes minutes
  const image = buildImage(folder)
  const name = `relay-${image.version}-linux-${process.arch}`
  const archive = pack(image, name)
  say('unpacking and running it')
  await checkBundle(archive, join(folder, 'check'))
  const place = join(goal, `${name}.tar.zst`)
  cpSync(archive, place)
  say(`${place}: ${Math.round(statSync(place).size / 1_000_000)} MB, unpacked and run`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function pack(image: BuiltImage, name: string): string {
  say('packing the bundle')
  const content = join(folder, name)
  mkdirSync(content)
  image.builder.save(image.name, join(content, 'relay-image.tar'))
  for (const file of ['INSTALL.txt', 'compose.yaml']) cpSync(join(ROOT, 'deploy/offline', file), join(content, file))
  writePriceTable(join(content, 'prices.json'), join(folder, 'prices.list'))
  cpSync(join(ROOT, 'deploy/relay.env.example'), join(content, 'relay.env.example'))
  writeFileSync(join(content, 'SHA256SUMS'), checksums(content))
  const archive = join(folder, `${name}.tar`)
  run('tar', ['--create', '--sort=name', '--owner=0', '--group=0', `--file=${archive}`, `--directory=${folder}`, name])
  run('zstd', ['--quiet', '--ultra', '-20', '--threads=0', '--rm', archive])
  return join(folder, `${name}.tar.zst`)
}

/** In the form of `sha256sum --check`. */
function checksums(content: string): string {
  const lines = readdirSync(content).map((file) => {
    const digest = createHash('sha256')
      .update(readFileSync(join(content, file)))
      .digest('hex')
    return `${digest}  ${file}\n`
  })
  return lines.join('')
}
