import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { TestContext } from 'vitest'
import { expect, test } from 'vitest'

import { makeFolder } from '../../test/relay-process.ts'
import type { FileDesk } from './file-desk.ts'
import { createFileDesk, FileTooLarge } from './file-desk.ts'

const HOURS_2 = 7_200

function openDesk({ onTestFinished }: Pick<TestContext, 'onTestFinished'>): { desk: FileDesk; folder: string } {
  const place = makeFolder()
  onTestFinished(() => place.remove())
  const folder = join(place.path, 'transfer')
  return { desk: createFileDesk({ folder, maxBytes: 10 }), folder }
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array, void> {
  for (const text of texts) yield Buffer.from(text)
}

async function* broken(): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from('x')
  throw new Error('the client has gone')
}

test('what comes is kept for its owner alone, and found by its id', async (context) => {
  const { desk, folder } = openDesk(context)
  const { id, bytes } = await desk.receive(pieces('hello', 'you'))
  const path = join(folder, id)
  expect(bytes).toBe(8)
  expect(desk.find(id)).toBe(path)
  expect(readFileSync(path, 'utf8')).toBe('helloyou')
  expect([statSync(path).mode & 0o777, statSync(folder).mode & 0o777]).toEqual([0o600, 0o700])
  await desk.remove(id)
  expect(desk.find(id)).toBeUndefined()
})

test('what is too large, or breaks off, leaves nothing', async (context) => {
  const { desk, folder } = openDesk(context)
  await expect(desk.receive(pieces('eleven', ' chars'))).rejects.toThrow(FileTooLarge)
  await expect(desk.receive(broken())).rejects.toThrow('the client has gone')
  expect(readdirSync(folder)).toEqual([])
})

test.for(['../secrets.json', '..', 'secrets.json', '', '/etc/passwd', 'a'.repeat(36)])(
  'nothing is found or removed under the name %j',
  async (name, context) => {
    const { desk, folder } = openDesk(context)
    await desk.reserve('')
    const secrets = join(folder, '..', 'secrets.json')
    writeFileSync(secrets, '{}')
    expect(desk.find(name)).toBeUndefined()
    await desk.remove(name)
    expect(existsSync(secrets)).toBe(true)
  },
)

test('after its time a file goes, and a folder too; what others have put there stays', async (context) => {
  const { desk, folder } = openDesk(context)
  const { id: old } = await desk.receive(pieces('old'))
  const draft = await desk.reserve('.draft')
  mkdirSync(draft.path)
  writeFileSync(join(folder, 'mine.txt'), 'of somebody else')
  const before = Date.now() / 1000 - HOURS_2
  for (const name of [old, draft.id, 'mine.txt']) utimesSync(join(folder, name), before, before)
  const { id: fresh } = await desk.receive(pieces('new'))
  expect(readdirSync(folder).toSorted()).toEqual([fresh, 'mine.txt'].toSorted())
})
