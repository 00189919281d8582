import { cpSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { makeBaseImages } from './base-images.ts'
import { createBuilder, type Builder } from './builder.ts'
import { requirePrograms, run, say } from './run.ts'

export const ROOT: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

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
  const version = versionOfServer()
  const revision = run('git', ['-C', ROOT, 'rev-parse', 'HEAD'])
  const context = exportCommit(folder)
  const name = `localhost/relay:${version}`
  say('building the Dockerfile (some minutes)')
  builder.build({
    image: name,
    context,
    buildArguments: { BUILD_IMAGE: bases.build, RUNTIME_IMAGE: bases.runtime, VERSION: version, REVISION: revision },
  })
  return { builder, name, version, revision }
}

/** What is committed, and nothing else that lies about here. */
function exportCommit(folder: string): string {
  const context = join(folder, 'context')
  run('git', ['clone', '--quiet', '--depth=1', `file://${ROOT}`, context])
  cpSync(join(ROOT, '.dockerignore'), join(context, '.dockerignore'))
  return context
}

/** What the image must say of itself. */
function versionOfServer(): string {
  const text = readFileSync(join(ROOT, 'apps/server/package.json'), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version // npm's format
}
