import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { expect, test } from 'vitest'

import { findPanelDirectory } from '../src/http/panel.ts'

/** The budget of a first load, compressed with Brotli. On the two pages that convert in the browser the converter is 106 kB of it. */
const BUDGET_BYTES = 255_000
const STATIC_IMPORT = /(?:from|import)\s*"(\.[^"]+)"/g
const LINKED = /(?:src|href)="\/admin-next\/([^"]+)"/g

/** A file and all that it imports at once. */
function addFiles(file: string, files: Set<string>): void {
  if (files.has(file) || !existsSync(file)) return
  files.add(file)
  if (!file.endsWith('.js')) return
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(STATIC_IMPORT)) {
    addFiles(join(dirname(file), path), files)
  }
}

function bytesOf(file: string): number {
  return statSync(existsSync(`${file}.br`) ? `${file}.br` : file).size
}

test('the first load of any page stays within 255 kB', () => {
  const directory = findPanelDirectory() ?? ''
  const boot = new Set<string>()
  for (const [, path = ''] of readFileSync(join(directory, '200.html'), 'utf8').matchAll(LINKED)) {
    addFiles(join(directory, path), boot)
  }
  const nodes = join(directory, '_app/immutable/nodes')
  const names = readdirSync(nodes).filter((name) => name.endsWith('.js'))
  expect(boot.size).toBeGreaterThan(3)
  expect(names.length).toBeGreaterThan(8)
  const frame = names.filter((name) => /^[0-3]\./.test(name)) // the layouts around a page
  for (const name of names) {
    const files = new Set(boot)
    for (const part of [...frame, name]) addFiles(join(nodes, part), files)
    const bytes = [...files].reduce((sum, file) => sum + bytesOf(file), 0)
    expect(bytes, `page ${name}`).toBeLessThanOrEqual(BUDGET_BYTES)
  }
})
