import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { runClient } from './client-process.ts'
import type { ClientReport, ClientSetup, Errand } from './client.ts'
import type { Loose } from './model/asked.ts'

/** Codex, which shows its tools in another shape for each family of models. */
export function codex(variant: string, model: string): ClientSetup {
  return setup(variant, (errand) => ({
    settings: relayProvider(errand, model),
    environment: { RELAY_KEY: errand.relayKey },
  }))
}

/** Codex with its built-in provider sent to Relay: it asks for a WebSocket first. */
export function redirectedCodex(variant: string, model: string): ClientSetup {
  return setup(variant, ({ relayUrl, relayKey }) => ({
    settings: `model = "${model}"\nopenai_base_url = "${relayUrl}/v1"\n`,
    environment: { CODEX_API_KEY: relayKey },
  }))
}

/** What makes Codex ask Relay. */
interface Way {
  /** The beginning of its `config.toml`. */
  readonly settings: string
  readonly environment: Readonly<Record<string, string>>
}

function setup(variant: string, way: (errand: Errand) => Way): ClientSetup {
  return {
    client: 'codex',
    variant,
    format: 'openai-responses',
    sideRequests: [],
    run: (errand) => run(errand, way(errand)),
  }
}

/** Without a terminal, and without anyone to ask. */
const ALONE = ['exec', '--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox']

async function run(errand: Errand, { settings, environment }: Way): Promise<ClientReport> {
  const home = join(errand.home, '.codex')
  const lastWords = join(errand.home, 'last-words.txt')
  mkdirSync(home)
  writeFileSync(
    join(home, 'config.toml'),
    `check_for_update_on_startup = false\n${settings}\n[analytics]\nenabled = false\n`,
  )
  const end = await runClient({
    program: errand.program,
    words: [...ALONE, '--output-last-message', lastWords, errand.prompt],
    folder: errand.folder,
    environment: { HOME: errand.home, CODEX_HOME: home, ...environment },
  })
  const events: Loose[] = end.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
  const troubles = events.filter(isTrouble).map((event) => JSON.stringify(event))
  if (end.exitCode !== 0) troubles.push(`codex ended with ${end.exitCode}: ${end.stderr.slice(-500)}`)
  const usage = events.findLast(({ type }) => type === 'turn.completed')?.usage
  return {
    output: end.exitCode === 0 ? readFileSync(lastWords, 'utf8') : '',
    troubles,
    tokens: usage === undefined ? undefined : { input: usage.input_tokens, output: usage.output_tokens },
  }
}

/** An error; that it knows nothing of an invented model is none. */
function isTrouble({ type, item }: Loose): boolean {
  if (type === 'error' || type === 'turn.failed') return true
  return item?.type === 'error' && !/Model metadata for .* not found/.test(item.message)
}

function relayProvider({ relayUrl }: Errand, model: string): string {
  return `
model = "${model}"
model_provider = "relay"

[model_providers.relay]
name = "Relay"
base_url = "${relayUrl}/v1"
wire_api = "responses"
env_key = "RELAY_KEY"
`
}
