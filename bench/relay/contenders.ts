import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { type MeasuredProcess, type ProcessInit, startProcess } from './measured-process.ts'

/** Everybody who takes part: the product, two baselines, and the upstream that all of them ask. */
export interface Contenders {
  readonly relay: MeasuredProcess
  /** A proxy that pipes. */
  readonly rawNode: MeasuredProcess
  /** The least that converts. */
  readonly limit: MeasuredProcess
  readonly upstream: MeasuredProcess
  stop(): Promise<void>
}

/** Relay keys by the way they lead: to the account that speaks Chat, or to the one that speaks Messages. */
export const KEYS = { chat: 'rk_bench_chat_0123456789abcdef', messages: 'rk_bench_messages_0123456789abcdef' }

/** Starts all of them; the relay as the full product with a data folder of its own on disk. */
export async function startContenders(): Promise<Contenders> {
  const folder = mkdtempSync(join(tmpdir(), 'relay-bench-'))
  const started: MeasuredProcess[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((each) => each.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
  const start = async (...init: Parameters<typeof startProcess>): Promise<MeasuredProcess> => {
    const each = await startProcess(...init)
    started.push(each)
    return each
  }
  try {
    const upstream = await start({ script: 'relay/mock-upstream.ts' })
    const rawNode = await start({ script: 'baselines/raw-node.ts', words: [upstream.url] })
    const limit = await start({ script: 'baselines/limit.ts', words: [upstream.url] })
    const relay = await start(builtOrSources(relayIn(folder, upstream.url)))
    return { relay, rawNode, limit, upstream, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Where the product can be started again and again on the same data. */
export interface StartPlace {
  /** The built product is started; otherwise its sources, which takes longer. */
  readonly isBuilt: boolean
  start(): Promise<MeasuredProcess>
  remove(): void
}

const BUILT = '../apps/server/dist/relay.js'

export function startOn(upstreamUrl: string): StartPlace {
  const folder = mkdtempSync(join(tmpdir(), 'relay-bench-'))
  const init = builtOrSources(relayIn(folder, upstreamUrl))
  return {
    isBuilt: init.script === BUILT,
    start: () => startProcess(init),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** What users run, where it is built. */
function builtOrSources(init: ProcessInit): ProcessInit {
  return existsSync(fileURLToPath(new URL(`../${BUILT}`, import.meta.url))) ? { ...init, script: BUILT } : init
}

function relayIn(folder: string, upstreamUrl: string): ProcessInit {
  const config = join(folder, 'relay.config.json')
  const credential = 'upstream-credential'
  const account = { baseUrl: `${upstreamUrl}/v1`, credential, models: { '*': '*' } }
  const accounts = [
    { ...account, name: 'chat', type: 'openai-chat', apiFormat: 'openai-chat' },
    { ...account, name: 'messages', type: 'claude-console', apiFormat: 'claude' },
  ]
  const keys = [
    { name: 'chat', secret: KEYS.chat, permissions: { accounts: ['chat'] } },
    { name: 'messages', secret: KEYS.messages, permissions: { accounts: ['messages'] } },
  ]
  writeFileSync(config, JSON.stringify({ accounts, keys }))
  return {
    script: '../apps/server/src/cli/relay.ts',
    words: ['start', '--json', '--port', '0', '--config', config],
    // as it is started by `npm start`, in the image and as a service
    flags: ['--max-semi-space-size=8'],
    environment: { MALLOC_ARENA_MAX: '1', DATA_DIR: join(folder, 'data'), HOST: '127.0.0.1', LOG_LEVEL: 'info' },
  }
}
