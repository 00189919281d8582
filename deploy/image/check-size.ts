import { statSync } from 'node:fs'
import { join } from 'node:path'

import type { BuiltImage } from './build-image.ts'
import type { Check } from './check-image.ts'
import { run } from './run.ts'

const MAX_IMAGE_MB = 200
const MAX_ARCHIVE_MB = 45

/** What has to be carried and kept, in millions of bytes. */
export function checkSize({ builder, name }: BuiltImage, folder: string): readonly Check[] {
  const archive = join(folder, 'image.tar')
  builder.save(name, archive)
  run('zstd', ['--quiet', '--ultra', '-20', '--threads=0', archive])
  return [
    atMost('size of the image in MB', megabytes(archive), MAX_IMAGE_MB),
    atMost('size of its archive with zstd in MB', megabytes(`${archive}.zst`), MAX_ARCHIVE_MB),
  ]
}

function atMost(check: string, seen: number, max: number): Check {
  return { check: `${check} (at most ${max})`, isGood: seen <= max, seen }
}

function megabytes(file: string): number {
  return Math.round(statSync(file).size / 100_000) / 10
}
