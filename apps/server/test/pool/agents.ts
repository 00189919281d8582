import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { runClient } from '../clients/client-process.ts'
import type { ClientPrograms } from '../clients/install-clients.ts'
import type { PoolClient, PoolErrand, PoolReport } from './pool-client.ts'

/** Claude Code and Codex, each alone with its task. */
export function agentClients(programs: ClientPrograms): readonly PoolClient[] {
  return [
    { name: 'claude-code', format: 'anthropic-messages', run: (errand) => runClaude(programs['claude-code'], errand) },
    { name: 'codex', format: 'openai-responses', run: (errand) => runCodex(programs.codex, errand) },
  ]
}

async function runClaude(program: readonly string[], errand: PoolErrand): Promise<PoolReport> {
  const end = await runClient({
    program,
    words: ['-p', errand.prompt, '--model', 'claude-opus-5-5', '--dangerously-skip-permissions'],
    folder: errand.folder,
    environment: {
      HOME: errand.home,
      ANTHROPIC_BASE_URL: errand.relayUrl,
      ANTHROPIC_AUTH_TOKEN: errand.relayKey,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      IS_SANDBOX: '1', // or it refuses to skip permissions for root
    },
  })
  return { output: end.lines.join('\n'), brokenAnswers: end.exitCode === 0 ? 0 : 1 }
}

const ALONE = ['exec', '--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox']

async function runCodex(program: readonly string[], errand: PoolErrand): Promise<PoolReport> {
  const home = join(errand.home, '.codex')
  const lastWords = join(errand.home, 'last-words.txt')
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'config.toml'), CODEX_SETTINGS.replace('RELAY_URL', errand.relayUrl))
  const end = await runClient({
    program,
    words: [...ALONE, '--output-last-message', lastWords, errand.prompt],
    folder: errand.folder,
    environment: { HOME: errand.home, CODEX_HOME: home, RELAY_KEY: errand.relayKey },
  })
  if (end.exitCode !== 0) return { output: end.stderr.slice(-300), brokenAnswers: 1 }
  return { output: readFileSync(lastWords, 'utf8'), brokenAnswers: 0 }
}

const CODEX_SETTINGS = `
check_for_update_on_startup = false
model = "gpt-5.5"
model_provider = "relay"

[model_providers.relay]
name = "Relay"
base_url = "RELAY_URL/v1"
wire_api = "responses"
env_key = "RELAY_KEY"

[analytics]
enabled = false
`
