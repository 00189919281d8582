import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { RelayRun } from '../../test/relay-process.ts'
import { makeFolder } from '../../test/relay-process.ts'
import { runHere } from '../../test/run-here.ts'

let folder = makeFolder()
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => folder.remove())

describe('editing an account', { timeout: 120_000 }, () => {
  test('changes both selects, and nothing that was not given', async () => {
    await add(['--groups', 'a,b', '--tags', 'x'])
    const edited = await json(['account', 'edit', 'ds', '--api-format', 'claude', '--response-format', 'openai'])
    expect(edited).toMatchObject({ apiFormat: 'claude', responseFormat: 'openai', groups: ['a', 'b'], tags: ['x'] })
  })

  test('takes it out of its groups and takes its tags away', async () => {
    await add(['--groups', 'a,b', '--tags', 'x'])
    expect(await json(['account', 'edit', 'ds', '--groups', 'none', '--tags', 'none'])).toMatchObject({
      groups: [],
      tags: [],
    })
  })

  test('keeps what is not given of a daily quota', async () => {
    await add(['--quota-usd-per-day', '1.5', '--quota-reset', '08:30', '--quota-time-zone', 'Asia/Tokyo'])
    expect(await json(['account', 'edit', 'ds', '--quota-usd-per-day', '2'])).toMatchObject({
      dailyQuota: { limitMicroUsd: 2_000_000, resetTime: '08:30', timeZone: 'Asia/Tokyo' },
    })
    expect(await json(['account', 'edit', 'ds', '--quota-reset', '09:00'])).toMatchObject({
      dailyQuota: { limitMicroUsd: 2_000_000, resetTime: '09:00', timeZone: 'Asia/Tokyo' },
    })
    expect(await json(['account', 'edit', 'ds', '--quota-usd-per-day', '0'])).not.toHaveProperty('dailyQuota')
    const alone = await relay(['account', 'edit', 'ds', '--quota-reset', '09:00'])
    expect([alone.exitCode, alone.stderr]).toEqual([2, expect.stringContaining('go with --quota-usd-per-day')])
  })

  test('says so when nothing was given to change', async () => {
    await add([])
    const run = await relay(['account', 'edit', 'ds'])
    expect([run.exitCode, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toContain('nothing was given that is to change')
  })

  test('gives it an end and takes it away, and ends nothing at once', async () => {
    expect(await add(['--expires-at', '2099-01-31'])).toMatchObject({ expiresAt: Date.UTC(2099, 0, 31) })
    expect(await json(['account', 'edit', 'ds', '--expires-at', 'never'])).not.toHaveProperty('expiresAt')
    for (const [words, message] of [
      [['--expires-in-days', '0'], 'it would end at once'],
      [['--expires-at', '2020-01-01'], '`relay account pause` switches it off'],
    ] as const) {
      const run = await relay(['account', 'edit', 'ds', ...words])
      expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining(message)])
    }
  })
})

function add(words: readonly string[]): Promise<Record<string, unknown>> {
  return json(['account', 'add', 'ds', '--base-url', 'https://ds.example/v1', '--without-credential', ...words])
}

function relay(words: readonly string[]): Promise<RelayRun> {
  return runHere(words, { DATA_DIR: folder.path })
}

async function json(words: readonly string[]): Promise<Record<string, unknown>> {
  const run = await relay([...words, '--json'])
  if (run.exitCode !== 0) throw new Error(run.stderr)
  return JSON.parse(run.stdout) as Record<string, unknown> // written by this repository
}
