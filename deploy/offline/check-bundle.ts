import { chownSync, copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import type { ImageConfig } from '../image/builder.ts'
import type { Check } from '../image/check-image.ts'
import { checkRun, SECRETS } from '../image/check-run.ts'
import { runInside, type RunInit } from '../image/run-image.ts'
import { run } from '../image/run.ts'

/** What the check calls beside what makes the bundle. */
export const CHECK_PROGRAMS: readonly string[] = ['skopeo', 'umoci']

/**
 * Does with the archive what its reader does, with other programs than those that made it: checks the sums, unpacks the
 * image and runs it.
 *
 * @throws Error that names what is wrong
 */
export async function checkBundle(archive: string, folder: string): Promise<void> {
  mkdirSync(folder)
  run('tar', ['--extract', `--file=${archive}`, `--directory=${folder}`, '--strip-components=1'])
  run('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: folder })
  const layout = join(folder, 'layout')
  const source = `docker-archive:${join(folder, 'relay-image.tar')}`
  run('skopeo', ['copy', '--quiet', '--insecure-policy', source, `oci:${layout}:relay`])
  run('umoci', ['raw', 'unpack', '--image', `${layout}:relay`, join(folder, 'root')])
  const text = run('skopeo', ['inspect', '--config', '--raw', source])
  const { config } = JSON.parse(text) as { readonly config: ImageConfig } // the format of the image specification
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  chownSync(data, 1000, 1000)
  const image = { root: join(folder, 'root'), config, data }
  const checks = [await checkPrices(image, join(folder, 'prices.json')), ...(await checkRun(image))]
  const bad = checks.filter(({ isGood }) => !isGood).map(({ check, seen }) => `${check}: ${seen}`)
  if (bad.length > 0) throw new Error(`the bundle (${readdirSync(folder).join(', ')}) does not work: ${bad.join('; ')}`)
}

/** The table beside the image is one that the image takes. */
async function checkPrices(image: Pick<RunInit, 'root' | 'config' | 'data'>, file: string): Promise<Check> {
  copyFileSync(file, join(image.data, 'prices.json'))
  const command = ['/usr/local/bin/node', '/app/relay.js', 'prices', 'update', '--file', '/app/data/prices.json']
  const { exitCode, output } = await runInside({ ...image, port: 0, environment: SECRETS }, command)
  return { check: 'its price table is taken', isGood: exitCode === 0, seen: output }
}
