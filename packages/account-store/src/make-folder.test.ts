import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { makeFolder } from './make-folder.ts'

function place(): string {
  const root = mkdtempSync(join(tmpdir(), 'make-folder-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return root
}

test('a folder is made with those above it, for the owner only, and one that is there is no error', () => {
  const path = join(place(), 'one', 'two', 'three')
  makeFolder(path)
  makeFolder(path)
  expect(statSync(path).isDirectory()).toBe(true)
  const mode = process.platform === 'win32' ? 0o700 : statSync(path).mode & 0o777 // modes mean nothing there
  expect(mode).toBe(0o700)
})

test('below a file there is no folder, and a file is none', () => {
  const file = join(place(), 'file')
  writeFileSync(file, '')
  expect(() => makeFolder(file)).toThrow('EEXIST')
  expect(() => makeFolder(join(file, 'below'))).toThrow(process.platform === 'win32' ? /ENOENT|ENOTDIR/ : 'ENOTDIR')
})

test.skipIf(!existsSync('/proc/self'))('where the system makes no folders, it says so at once', () => {
  expect(() => makeFolder('/proc/relay/data')).toThrow('ENOENT')
})
