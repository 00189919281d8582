import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type BuiltImage, buildImage, ROOT } from './build-image.ts'
import { checkConfig } from './check-config.ts'
import { checkFiles } from './check-files.ts'
import { checkRun } from './check-run.ts'
import { checkSize } from './check-size.ts'
import { say } from './run.ts'

/** One thing that was looked at. */
export interface Check {
  readonly check: string
  readonly isGood: boolean
  /** What was there. */
  readonly seen: string | number
}

/** `pnpm image:check`: builds the Dockerfile, looks at the image, runs it, and writes what was seen. */
const folder = mkdtempSync(join(tmpdir(), 'relay-image-'))
try {
  const image = buildImage(folder)
  const checks = await checkImage(image, folder)
  writeEvidence(image, checks)
  for (const { check, isGood, seen } of checks) say(`${isGood ? 'good' : 'BAD '}  ${check}: ${seen}`)
  process.exitCode = checks.every(({ isGood }) => isGood) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function checkImage(image: BuiltImage, scratch: string): Promise<readonly Check[]> {
  const config = image.builder.inspect(image.name)
  const mounted = image.builder.mount(image.name)
  const data = join(scratch, 'data')
  mkdirSync(data, { mode: 0o700 })
  chownSync(data, 1000, 1000)
  try {
    return [
      ...checkConfig(image, config),
      ...checkFiles(mounted.path),
      ...(await checkRun({ root: mounted.path, config, data })),
      ...checkSize(image, scratch),
    ]
  } finally {
    mounted.unmount()
  }
}

function writeEvidence({ version }: BuiltImage, checks: readonly Check[]): void {
  const evidence = { version, node: process.version, platform: `linux/${process.arch}`, checks }
  writeFileSync(join(ROOT, 'docs/evidence/image.json'), `${JSON.stringify(evidence, undefined, 2)}\n`)
}
