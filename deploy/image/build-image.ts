import { cpSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import manifest from '../../apps/server/package.json' with { type: 'json' }
import { makeBaseImages } from './base-images.ts'
import { createBuilder, type Builder } from './builder.ts'
import { requirePrograms, run, say } from './run.ts'

export const ROOT: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
/** What the image must say of itself. */
const VERSION: string = manifest.version

/** An image that was just built of the commit that is checked out. */
export interface BuiltImage {
  readonly builder: Builder
  readonly name: string
  readonly version: string
  readonly revision: string
}

/**
 * Builds the repository's Dockerfile as it is, with buildah in place of an engine.
 *
 * @param folder - an empty folder for everything that is made on the way
 * @throws Error when a program is missing or a step fails
 */
export function buildImage(folder: string): BuiltImage {
  requirePrograms(['buildah', 'mmdebstrap', 'zstd'])
  const builder = createBuilder(join(folder, 'builder'))
  const bases = makeBaseImages(builder, folder)
  const revision = run('git', ['-C', ROOT, 'rev-parse', 'HEAD'])
  const context = exportCommit(folder)
  const name = `localhost/relay:${VERSION}`
  say('building the Dockerfile (some minutes)')
  builder.build({
    image: name,
    context,
    buildArguments: { BUILD_IMAGE: bases.build, RUNTIME_IMAGE: bases.runtime, VERSION, REVISION: revision },
  })
  return { builder, name, version: VERSION, revision }
}

/** What is committed, and nothing else that lies about here. */
function exportCommit(folder: string): string {
  const context = join(folder, 'context')
  run('git', ['clone', '--quiet', '--depth=1', `file://${ROOT}`, context])
  cpSync(join(ROOT, '.dockerignore'), join(context, '.dockerignore'))
  return context
}
