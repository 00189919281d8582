import { chownSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import type { ImageConfig } from '../image/builder.ts'
import { checkRun } from '../image/check-run.ts'
import { requirePrograms, run } from '../image/run.ts'

/**
 * Does with the archive what its reader does, with other programs than those that made it: checks the sums, unpacks the
 * image and runs it.
 *
 * @throws Error that names what is wrong
 */
export async function checkBundle(archive: string, folder: string): Promise<void> {
  requirePrograms(['skopeo', 'umoci'])
  mkdirSync(folder)
  run('tar', ['--extract', `--file=${archive}`, `--directory=${folder}`, '--strip-components=1'])
  run('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: folder })
  const layout = join(folder, 'layout')
  const source = `docker-archive:${join(folder, 'relay-image.tar')}`
  run('skopeo', ['copy', '--quiet', '--insecure-policy', source, `oci:${layout}:relay`])
  run('umoci', ['raw', 'unpack', '--image', `${layout}:relay`, join(folder, 'root')])
  const text = run('skopeo', ['inspect', '--config', source])
  const { config } = JSON.parse(text) as { readonly config: ImageConfig } // the format of the image specification
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  chownSync(data, 1000, 1000)
  const checks = await checkRun({ root: join(folder, 'root'), config, data })
  const bad = checks.filter(({ isGood }) => !isGood).map(({ check, seen }) => `${check}: ${seen}`)
  if (bad.length > 0) throw new Error(`the bundle (${readdirSync(folder).join(', ')}) does not work: ${bad.join('; ')}`)
}
