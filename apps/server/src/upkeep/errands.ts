import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'

import * as z from 'zod'

import type { Config } from '../config/config.ts'
import type { Environment } from '../config/environment.ts'
import { findCommandFile } from './command-file.ts'
import type { ErrandDeed, ErrandWord } from './errand-words.ts'
import { ERRAND_VARIABLE } from './errand-words.ts'

/** A command that the server has run for somebody. */
export interface Errand {
  /** What stands behind `relay`; never with a secret, for arguments can be seen. */
  readonly words: readonly string[]
  /** Variables beside those of the server: secrets, and what is to be different. */
  readonly variables?: Environment | undefined
  /** Told now and then how many objects are done. */
  readonly onProgress?: ((count: number) => void) | undefined
  /** Writes down what was done. */
  readonly onDeed?: ((deed: ErrandDeed) => Promise<void>) | undefined
}

/** What became of an errand; the message is the command's own. */
export type ErrandOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly message: string }

/**
 * Runs the `relay` command in a process of its own: what takes long, or proves much, does not hold up requests, and the
 * panel does what the command does.
 */
export interface Errands {
  /** Whether this process knows the program that it would run. */
  readonly isPossible: boolean
  /** One at a time; ask before {@link run}. */
  readonly isBusy: boolean
  /** Runs one to its end, also when nobody waits for it any more. Never rejects. */
  run(errand: Errand): Promise<ErrandOutcome>
  /** Ends the one that runs: each is whole or not at all, or can be repeated. */
  stop(): void
}

export interface ErrandRooms {
  readonly config: Pick<Config, 'dataDir'>
  /** Of the server, as it was started. */
  readonly environment: Environment
  /** The program; the one that this process runs unless given. */
  readonly command?: string | undefined
}

/** Longer than this no errand takes. */
const LIMIT_MS = 3_600_000
/** Until one that was told to end is ended. */
const GRACE_MS = 10_000
/** A table of what becomes of every field may be long; more is no result. */
const MAX_OUTPUT_CHARACTERS = 16_000_000

const troubleSchema = z.object({ error: z.object({ message: z.string() }) })

export function createErrands({ config, environment, command = findCommandFile() }: ErrandRooms): Errands {
  let child: ChildProcess | undefined

  async function run(errand: Errand): Promise<ErrandOutcome> {
    if (command === undefined) return { ok: false, message: 'this process is not the relay command' }
    const variables = { ...environment, DATA_DIR: config.dataDir, [ERRAND_VARIABLE]: '1', ...errand.variables }
    const started = spawn(process.execPath, [...process.execArgv, command, ...errand.words, '--json'], {
      env: variables,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    child = started
    const limit = setTimeout(() => void end(started), LIMIT_MS)
    try {
      return await follow(started, errand)
    } finally {
      clearTimeout(limit)
      child = undefined
    }
  }

  return {
    isPossible: command !== undefined,
    get isBusy() {
      return child !== undefined
    },
    run,
    stop: () => void (child !== undefined && end(child)),
  }
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  await wait(GRACE_MS, undefined, { ref: false })
  child.kill('SIGKILL')
}

async function follow(child: ChildProcess, { onProgress, onDeed }: Errand): Promise<ErrandOutcome> {
  const deeds: Promise<void>[] = []
  child.on('message', (word: ErrandWord) => {
    if (word.type === 'relay:progress') onProgress?.(word.count)
    else if (onDeed !== undefined) deeds.push(onDeed(word.deed))
  })
  const output = collect(child.stdout)
  const trouble = collect(child.stderr)
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.on('error', () => resolve(null))
  child.on('close', resolve)
  const code = await promise
  await Promise.all(deeds)
  if (code === 0) return readResult(output())
  return { ok: false, message: readTrouble(trouble()) }
}

function collect(stream: ChildProcess['stdout']): () => string {
  let text = ''
  stream?.setEncoding('utf8').on('data', (piece: string) => {
    if (text.length < MAX_OUTPUT_CHARACTERS) text += piece
  })
  return () => text
}

function readResult(text: string): ErrandOutcome {
  const result = parse(text)
  return result === undefined
    ? { ok: false, message: 'the command said nothing that can be read' }
    : { ok: true, result }
}

function readTrouble(text: string): string {
  const last = parse(text.trim().split('\n').at(-1) ?? '')
  const parsed = troubleSchema.safeParse(last)
  return parsed.success ? parsed.data.error.message : 'the command ended before it was done; the log may say why'
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
