import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

import { settings } from '../src/config/settings.ts'
import { VERSION } from '../src/version.ts'

/** The part of a compose file that is looked at here. */
interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly secrets: Readonly<Record<string, { readonly file?: string }>>
}

interface Service {
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly logging?: { readonly options: Readonly<Record<string, string>> }
  readonly ports?: readonly string[]
  readonly read_only?: boolean
  readonly secrets?: readonly string[]
  readonly user?: string
  readonly volumes?: readonly string[]
}

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8')
const FILES = ['compose.yaml', 'deploy/offline/compose.yaml'] as const

describe.for(FILES)('%s', (file) => {
  const compose = parse(read(file)) as Compose // a compose file, see above
  const relay = compose.services['relay']

  test('sets variables that Relay reads', () => {
    const known = Object.values(settings).flatMap(({ name, isSecret }) => (isSecret ? [name, `${name}_FILE`] : [name]))
    for (const name of Object.keys(relay?.environment ?? {})) expect(known).toContain(name)
  })

  test('keeps secrets out of the environment of the container', () => {
    const secrets = Object.values(settings).filter(({ isSecret }) => isSecret)
    for (const { name } of secrets) expect(relay?.environment).not.toHaveProperty(name)
  })

  test('reads secrets from files, as Docker Compose demands of a container that cannot be written to', () => {
    expect(relay?.read_only).toBe(true)
    expect(relay?.secrets).toEqual(expect.arrayContaining(['jwt_secret', 'encryption_key']))
    for (const name of relay?.secrets ?? []) expect(compose.secrets[name]).toEqual({ file: `./secrets/${name}` })
    for (const ignored of ['.gitignore', '.dockerignore']) expect(read(ignored)).toMatch(/^\/?secrets\/?$/m)
  })

  test('keeps logs within bounds', () => {
    for (const { logging } of Object.values(compose.services))
      expect(logging?.options).toEqual({ 'max-size': expect.stringMatching(/^\d+m$/), 'max-file': expect.any(String) })
  })

  test('runs Relay without rights, on loopback unless told otherwise', () => {
    expect(relay).toMatchObject({ read_only: true, user: '1000:1000', volumes: ['data:/app/data'] })
    expect(relay?.ports).toEqual(['${RELAY_BIND:-127.0.0.1}:${RELAY_PORT:-3000}:3000'])
  })
})

test('the Redis of compose.yaml keeps its data, wants a password and is published nowhere', () => {
  const redis = (parse(read('compose.yaml')) as Compose).services['redis']
  expect(redis?.ports).toBeUndefined()
  expect(redis?.volumes).toEqual(['redis:/data'])
  expect(redis?.command?.join(' ')).toMatch(/--appendonly yes .*--requirepass/)
})

test('every variable of the example environment is used by a compose file', () => {
  const names = [...read('deploy/relay.env.example').matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name)
  const files = FILES.map(read).join('\n')
  expect(names.length).toBeGreaterThan(4)
  for (const name of names) expect(files).toContain(name)
})

test('the Dockerfile says the version of this Relay', () => {
  const versions = [...read('Dockerfile').matchAll(/^ARG VERSION=(.+)$/gm)].map(([, version]) => version)
  expect(versions).toEqual([VERSION, VERSION])
})

/** A package with a program for one system stands in the lockfile once for each; an install takes the one of its own. */
test('the lockfile brings the native programs of every system, whatever system it was written on', () => {
  const { packages } = parse(read('pnpm-lock.yaml')) as { readonly packages: Readonly<Record<string, unknown>> }
  const names = Object.keys(packages)
  const ours = names.filter((name) => /linux-(?:x64(?:-gnu)?|64)@/.test(name))
  const missing = ours.flatMap((name) =>
    ['darwin-arm64', 'linux-arm64', ...(name.includes('-gnu@') ? ['linux-x64-musl'] : [])]
      .map((system) => name.replace(/linux-(?:x64(?:-gnu)?|64)@.*/, system))
      .filter((other) => !names.some((each) => each.startsWith(other))),
  )
  expect(ours.length).toBeGreaterThan(5)
  expect(missing).toEqual([])
})
