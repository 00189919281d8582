import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { runClient } from './client-process.ts'
import type { ClientReport, ClientSetup, Errand } from './client.ts'
import type { Loose, SpokenFormat } from './model/asked.ts'

/** The packages of opencode's own bundle that speak the formats. */
const PACKAGES: Readonly<Record<SpokenFormat, string>> = {
  'anthropic-messages': '@ai-sdk/anthropic',
  'openai-chat': '@ai-sdk/openai-compatible',
  'openai-responses': '@ai-sdk/openai',
}

/** opencode, which speaks every format. */
export function opencode(format: SpokenFormat): ClientSetup {
  return {
    client: 'opencode',
    variant: PACKAGES[format],
    format,
    sideRequests: ['title'],
    run: (errand) => run(errand, format),
  }
}

async function run(errand: Errand, format: SpokenFormat): Promise<ClientReport> {
  writeFileSync(join(errand.folder, 'opencode.json'), JSON.stringify(configuration(errand, format)))
  const end = await runClient({
    program: errand.program,
    words: ['run', '--format', 'json', errand.prompt],
    folder: errand.folder,
    environment: {
      HOME: errand.home,
      RELAY_KEY: errand.relayKey,
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    },
  })
  const events: Loose[] = end.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  const troubles = events.filter(({ type }) => type === 'error').map((event) => JSON.stringify(event).slice(0, 1000))
  if (end.exitCode !== 0) troubles.push(`opencode ended with ${end.exitCode}: ${end.stderr.slice(-500)}`)
  const ends = events.filter(({ type }) => type === 'step_finish').map(({ part }) => part.tokens)
  return {
    output: events
      .filter(({ type }) => type === 'text')
      .map(({ part }) => part.text)
      .join('\n'),
    troubles,
    tokens: {
      input: ends.reduce((sum, { input, cache }) => sum + input + cache.read + cache.write, 0),
      output: ends.reduce((sum, { output, reasoning }) => sum + output + reasoning, 0),
    },
  }
}

function configuration({ relayUrl }: Errand, format: SpokenFormat): object {
  const options = { baseURL: `${relayUrl}/v1`, apiKey: '{env:RELAY_KEY}' }
  const limit = { context: 200_000, output: 32_000 }
  const modalities = { input: ['text', 'image'], output: ['text'] }
  const models = { 'relay-task': { name: 'Relay task', reasoning: true, attachment: true, modalities, limit } }
  return {
    $schema: 'https://opencode.ai/config.json',
    autoupdate: false,
    share: 'disabled',
    permission: { edit: 'allow', bash: 'allow', webfetch: 'allow', external_directory: 'allow' },
    model: 'relay/relay-task',
    provider: { relay: { npm: PACKAGES[format], name: 'Relay', options, models } },
  }
}
