import { join } from 'node:path'

import { run } from './run.ts'

/** Builds and stores images in a folder of its own, without an engine. */
export interface Builder {
  /** Makes an image of a root file system. */
  importRoot(root: string, name: string, environment: readonly string[]): string
  build(init: BuildInit): void
  /** Opens an image as a folder; every call opens another one. */
  mount(image: string): MountedImage
  /** Writes an image as `docker load` reads it. */
  save(image: string, file: string): void
  /** What the image says of itself, in Docker's own words. */
  inspect(image: string): ImageConfig
}

export interface BuildInit {
  readonly image: string
  /** The folder that the Dockerfile's `COPY` sees. */
  readonly context: string
  readonly buildArguments: Readonly<Record<string, string>>
}

export interface MountedImage {
  readonly path: string
  unmount(): void
}

/** The part of an image's configuration that is looked at here. */
export interface ImageConfig {
  readonly User: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly WorkingDir: string
  readonly StopSignal: string
  readonly ExposedPorts: Readonly<Record<string, unknown>>
  readonly Volumes: Readonly<Record<string, unknown>>
  readonly Labels: Readonly<Record<string, string>>
  readonly Healthcheck: { readonly Test: readonly string[] }
}

/** Uses Debian's buildah; its images lie in `folder` and go with it. */
export function createBuilder(folder: string): Builder {
  const own = ['--root', join(folder, 'images'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs']
  const buildah = (...words: readonly string[]): string => run('buildah', [...own, ...words])

  return {
    importRoot: (root, name, environment) => {
      const container = buildah('from', 'scratch')
      buildah('add', '--quiet', container, root, '/')
      const settings = environment.flatMap((entry) => ['--env', entry])
      buildah('config', '--env', 'PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', ...settings, container)
      buildah('commit', '--quiet', '--rm', '--format=docker', container, name)
      return `localhost/${name}`
    },
    build: ({ image, context, buildArguments }) => {
      const given = Object.entries(buildArguments).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`])
      const how = ['--isolation=chroot', '--format=docker', '--pull-never', '--layers=false']
      run('buildah', [...own, 'bud', ...how, ...given, '--tag', image, context], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
    },
    mount: (image) => {
      const container = buildah('from', '--pull-never', image)
      const path = buildah('mount', container)
      return { path, unmount: () => void buildah('rm', container) }
    },
    save: (image, file) => void buildah('push', '--quiet', image, `docker-archive:${file}:${image}`),
    inspect: (image) => {
      const text = buildah('inspect', '--type=image', image)
      const { Docker: docker } = JSON.parse(text) as { readonly Docker: { readonly config: ImageConfig } } // buildah's format
      return docker.config
    },
  }
}
