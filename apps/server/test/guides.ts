import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { chatAnswer, startFakeUpstream } from '@relay/upstreams/testing'

import { makeFolder, startRelay } from './relay-process.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** As it is built for users: it begins much sooner than the sources. */
const COMMAND = join(ROOT, 'apps/server/dist/relay.js')
/** Where the packages lie that the guides' programs import. */
const PROGRAMS = join(ROOT, 'examples/reports/guides')
/** As the guides write them: where Relay listens, and a model server of the reader's own. */
const WRITTEN = { relay: '127.0.0.1:3000', upstream: '127.0.0.1:11434' }

/** What the other guides take for granted: the reader has been through this one. */
const FIRST_GUIDE = 'quick-start'

/** A block of a guide that a reader would run or save. */
export interface GuideBlock {
  /** `sh` is run, `ts` is run with the packages of the examples, `file` is saved under its name. */
  readonly kind: 'sh' | 'ts' | 'file'
  readonly name: string | undefined
  readonly text: string
}

const FIRST_ACCOUNT: GuideBlock = {
  kind: 'sh',
  name: undefined,
  text: `relay account add main --base-url http://${WRITTEN.upstream} --models '*=local-model' --without-credential`,
}

/** A guide in one language. */
export interface Guide {
  readonly name: string
  readonly blocks: readonly GuideBlock[]
}

/** The guides of a language: all files of its folder. */
export function readGuides(folder: 'guides' | 'zh'): readonly Guide[] {
  return readdirSync(join(ROOT, 'docs', folder))
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => ({
      name: file.replace('.md', ''),
      blocks: readBlocks(readFileSync(join(ROOT, 'docs', folder, file), 'utf8')),
    }))
}

/** ```sh and ```ts are run; a block with `title="NAME"` is a file; every other language is only shown. */
function readBlocks(text: string): readonly GuideBlock[] {
  const found = text.matchAll(/^```(\w+)(?: title="([^"]+)")?\n([\s\S]*?)^```$/gm)
  return [...found].flatMap(([, language, name, content = '']): readonly GuideBlock[] => {
    if (name !== undefined) return [{ kind: 'file', name, text: content }]
    return language === 'sh' || language === 'ts' ? [{ kind: language, name: undefined, text: content }] : []
  })
}

/** How a guide went: all that its blocks wrote. */
export interface GuideRun {
  readonly exitCode: number | null
  readonly output: string
}

/** Does what a reader of the guide would do, on a relay and a model server of this machine, in an empty home. */
export async function runGuide(guide: Guide): Promise<GuideRun> {
  const folder = makeFolder()
  const upstream = await startFakeUpstream()
  upstream.answer(chatAnswer({ text: 'Hello from the model.', model: 'local-model' }).script)
  const environment = { DATA_DIR: join(folder.path, 'data'), HOME: folder.path, LOG_LEVEL: 'warn' }
  const relay = await startRelay({ environment, folder: folder.path, limitMs: 170_000 })
  try {
    const here = (text: string): string =>
      text.replaceAll(WRITTEN.relay, new URL(relay.url).host).replaceAll(WRITTEN.upstream, new URL(upstream.url).host)
    const before: readonly GuideBlock[] = guide.name === FIRST_GUIDE ? [] : [FIRST_ACCOUNT]
    const blocks = [...before, ...guide.blocks].map((block) => ({ ...block, text: here(block.text) }))
    const script = writeScript({ ...guide, blocks }, folder.path)
    return await runScript(script, {
      folder: folder.path,
      environment: { ...environment, RELAY_KEY: relay.welcome['relayKey'] ?? '', UPSTREAM_KEY: 'upstream-key' },
    })
  } finally {
    relay.signal('SIGTERM')
    await relay.ended
    await upstream.close()
    folder.remove()
  }
}

function writeScript({ name, blocks }: Guide, folder: string): string {
  mkdirSync(PROGRAMS, { recursive: true })
  const steps = blocks.map(({ kind, name: file, text }, index) => {
    if (kind === 'sh') return text
    const path = kind === 'file' ? join(folder, file ?? '') : join(PROGRAMS, `${name}-${index}.ts`)
    writeFileSync(path, text)
    return kind === 'file' ? '' : `node ${JSON.stringify(path)}`
  })
  return ['set -euo pipefail', `relay() { node ${JSON.stringify(COMMAND)} "$@"; }`, ...steps].join('\n')
}

interface ScriptPlace {
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
}

async function runScript(script: string, { folder, environment }: ScriptPlace): Promise<GuideRun> {
  const { PATH = '' } = process.env
  const child = spawn('bash', ['-c', script], {
    cwd: folder,
    env: { PATH, NO_COLOR: '1', ...environment },
    timeout: 160_000,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { exitCode, output }
}
