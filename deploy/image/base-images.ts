import { cpSync, mkdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

import type { Builder } from './builder.ts'
import { run, say } from './run.ts'

/** Names of the base images as the Dockerfile is given them. */
export interface BaseImages {
  readonly build: string
  readonly runtime: string
}

/** What `node:24-bookworm-slim` has of interest: a shell, core utilities, Node 24 and npm. */
const BUILD_PACKAGES = 'ca-certificates,libatomic1,libstdc++6'
/** What `distroless/cc-debian12` has: the C and C++ runtime, and nothing that could be started. */
const RUNTIME_PACKAGES = 'base-files,libc6,libgcc-s1,libstdc++6,netbase'
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/**
 * Makes stand-ins for the Dockerfile's two base images from Debian's packages and the Node that runs this, because
 * where no engine runs, no registry of images may be reached either.
 */
export function makeBaseImages(builder: Builder, folder: string): BaseImages {
  say('making the base image for the build')
  const build = join(folder, 'build-root')
  bootstrap(build, ['--variant=apt', `--include=${BUILD_PACKAGES}`])
  addNode(build)
  say('making the base image for running')
  const runtime = join(folder, 'runtime-root')
  bootstrap(runtime, ['--variant=extract', `--include=${RUNTIME_PACKAGES}`])
  return {
    build: builder.importRoot(build, 'relay-base-build', [`NODE_EXTRA_CA_CERTS=${CERTIFICATES}`]),
    runtime: builder.importRoot(runtime, 'relay-base-runtime', []),
  }
}

function bootstrap(folder: string, words: readonly string[]): void {
  const options = ['--mode=root', '--quiet', '--format=directory', '--aptopt=Acquire::Languages "none"']
  const leaveOut = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*', '/usr/share/info/*']
  run('mmdebstrap', [
    ...options,
    ...leaveOut.map((path) => `--dpkgopt=path-exclude=${path}`),
    ...words,
    'bookworm',
    folder,
  ])
}

/** The Node that runs this, npm, and the certificates this machine trusts. */
function addNode(root: string): void {
  const local = join(root, 'usr/local')
  mkdirSync(join(local, 'bin'), { recursive: true })
  cpSync(process.execPath, join(local, 'bin/node'))
  const npm = dirname(dirname(realpathSync(run('sh', ['-c', 'command -v npm']))))
  cpSync(npm, join(local, 'lib/node_modules/npm'), { recursive: true })
  run('ln', ['-s', '../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm')])
  run('ln', ['-s', '../lib/node_modules/npm/bin/npx-cli.js', join(local, 'bin/npx')])
  mkdirSync(dirname(join(root, CERTIFICATES)), { recursive: true })
  cpSync(CERTIFICATES, join(root, CERTIFICATES), { dereference: true })
}
