import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { chatAnswer, type FakeUpstream, startFakeUpstream } from '@relay/upstreams/testing'

import { freePort } from '../support/free-port.ts'
import type { Check } from './check-image.ts'
import { runHealthcheck, runImage, type RunInit, type RunningImage, tryToWrite } from './run-image.ts'

const RELAY_KEY = 'image-check-key-0123456789abcdefghijklmnop'
/** Of this check alone. */
export const SECRETS = {
  JWT_SECRET: 'q8Lr2Vx7Nc4Yt9Kb1Hw6Zs3Md5Pf0Jg-',
  ENCRYPTION_KEY: 'w4Tz9Bn2Xe7Ru1Qk6Vm3Hy8Cs5Dj0Lf-',
} as const
const ANSWER = 'The image answers.'

/** The image at work, as its user, on a root that cannot be written: a Claude client talks to a Chat upstream through it. */
export async function checkRun(image: Pick<RunInit, 'root' | 'config' | 'data'>): Promise<readonly Check[]> {
  const upstream = await startFakeUpstream()
  upstream.answer(chatAnswer({ text: ANSWER }).script)
  const init = { ...image, port: await freePort(), environment: environmentFor(upstream) }
  writeFileSync(join(image.data, 'relay.config.json'), JSON.stringify(configFor(upstream)))
  const relay = await runImage(init)
  try {
    const work = await checkWork(relay, init)
    return [...work, await checkStop(relay)]
  } catch (error) {
    await relay.stop()
    throw error
  } finally {
    await upstream.close()
  }
}

async function checkWork(relay: RunningImage, init: RunInit): Promise<readonly Check[]> {
  const health = await runHealthcheck(init)
  const written = await tryToWrite(init)
  const { version } = (await (await fetch(`${relay.url}/health`)).json()) as { version: string } // Relay's own answer
  const panel = await fetch(`${relay.url}/admin-next/`)
  const stream = await streamThrough(relay.url)
  const arenas = relay.environment().find((entry) => entry.startsWith('MALLOC_ARENA_MAX=')) ?? 'not set'
  return [
    { check: 'its own health check', isGood: health === 0, seen: `exit code ${health}` },
    { check: 'one heap for all threads of its process', isGood: arenas === 'MALLOC_ARENA_MAX=1', seen: arenas },
    { check: 'writing beside the volume', isGood: written === 'EROFS', seen: written },
    {
      check: 'version at /health is the label’s',
      isGood: version === init.config.Labels['org.opencontainers.image.version'],
      seen: version,
    },
    { check: 'the panel', isGood: panel.status === 200, seen: panel.status },
    {
      check: 'a Claude stream from a Chat upstream',
      isGood: textOf(stream) === ANSWER && stream.includes('event: message_stop'),
      seen: `${stream.split('event: ').length - 1} events`,
    },
  ]
}

function textOf(stream: string): string {
  return [...stream.matchAll(/"type":"text_delta","text":"([^"]*)"/g)].map(([, text]) => text).join('')
}

async function checkStop(relay: RunningImage): Promise<Check> {
  const exitCode = await relay.stop()
  return { check: 'the stop signal ends it', isGood: exitCode === 0, seen: `exit code ${exitCode}` }
}

async function streamThrough(url: string): Promise<string> {
  const answer = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': RELAY_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', max_tokens: 50, stream: true, messages: [{ role: 'user', content: 'hi' }] }),
  })
  return answer.text()
}

function environmentFor({ port }: FakeUpstream): Readonly<Record<string, string>> {
  return {
    ...SECRETS,
    RELAY_CONFIG: '/app/data/relay.config.json',
    RELAY_ALLOW_PRIVATE: `127.0.0.1:${port}`,
  }
}

function configFor({ url }: FakeUpstream): object {
  return {
    accounts: [{ name: 'fake', type: 'openai-chat', baseUrl: url, credential: 'none', models: { '*': '*' } }],
    keys: [{ name: 'check', secret: RELAY_KEY }],
  }
}
