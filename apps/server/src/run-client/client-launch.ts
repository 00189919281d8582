/** The clients that can be started. */
export const RUN_CLIENTS = ['claude', 'codex', 'opencode'] as const

/** One of {@link RUN_CLIENTS}. */
export type RunClient = (typeof RUN_CLIENTS)[number]

/** Where the client has to go, and what it has to know. */
export interface LaunchFacts {
  /** Without a slash at the end. */
  readonly relayUrl: string
  readonly relayKey: string
  /** `undefined` leaves the choice to the client. */
  readonly model: string | undefined
  /** Tokens; `undefined` = not known. */
  readonly contextWindow: number | undefined
  readonly maxOutputTokens: number | undefined
}

/** How a client is started. */
export interface ClientLaunch {
  readonly program: string
  /** In front of the user's own words. */
  readonly words: readonly string[]
  /** Set for the child process; `undefined` takes a variable away. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** What each client is called with. */
export function clientLaunch(client: RunClient, facts: LaunchFacts): ClientLaunch {
  switch (client) {
    case 'claude':
      return launchClaude(facts)
    case 'codex':
      return launchCodex(facts)
    case 'opencode':
      return launchOpencode(facts)
  }
}

/** Other ways to a service, which would win over the address. */
const OTHER_WAYS = [
  'ANTHROPIC_API_KEY',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_FOUNDRY',
  'CLAUDE_CODE_USE_VERTEX',
] as const

/** The names under which Claude Code asks for a model; all lead to the same one. */
const MODEL_SLOTS = [
  'ANTHROPIC_MODEL',
  'ANTHROPIC_DEFAULT_OPUS_MODEL',
  'ANTHROPIC_DEFAULT_SONNET_MODEL',
  'ANTHROPIC_DEFAULT_HAIKU_MODEL',
  'ANTHROPIC_DEFAULT_FABLE_MODEL',
  'CLAUDE_CODE_SUBAGENT_MODEL',
] as const

function launchClaude({ relayUrl, relayKey, model, contextWindow, maxOutputTokens }: LaunchFacts): ClientLaunch {
  return {
    program: 'claude',
    words: [],
    environment: {
      ...each(OTHER_WAYS, undefined),
      ANTHROPIC_BASE_URL: relayUrl,
      ANTHROPIC_AUTH_TOKEN: relayKey,
      ...(model === undefined ? {} : each(MODEL_SLOTS, model)),
      // It takes 200,000 for granted of a name it does not know, and compacts by that.
      ...numberVariable('CLAUDE_CODE_MAX_CONTEXT_TOKENS', contextWindow),
      ...numberVariable('CLAUDE_CODE_AUTO_COMPACT_WINDOW', contextWindow),
      ...numberVariable('CLAUDE_CODE_MAX_OUTPUT_TOKENS', maxOutputTokens),
    },
  }
}

function each(names: readonly string[], value: string | undefined): ClientLaunch['environment'] {
  return Object.fromEntries(names.map((name): [string, string | undefined] => [name, value]))
}

function numberVariable(name: string, value: number | undefined): Readonly<Record<string, string>> {
  return value === undefined ? {} : { [name]: String(value) }
}

/** Its settings may stand on the command line; a value is TOML, and a JSON text is a TOML text. */
function launchCodex({ relayUrl, relayKey, model, contextWindow, maxOutputTokens }: LaunchFacts): ClientLaunch {
  const settings: readonly (readonly [string, string | number | undefined])[] = [
    ['model', model],
    ['model_provider', 'relay'],
    ['model_providers.relay.name', 'Relay'],
    ['model_providers.relay.base_url', `${relayUrl}/v1`],
    ['model_providers.relay.wire_api', 'responses'],
    ['model_providers.relay.env_key', 'RELAY_KEY'],
    ['model_context_window', contextWindow],
    ['model_max_output_tokens', maxOutputTokens],
  ]
  const words = settings.flatMap(([name, value]) =>
    value === undefined ? [] : ['-c', `${name}=${JSON.stringify(value)}`],
  )
  return { program: 'codex', words, environment: { RELAY_KEY: relayKey } }
}

/** What opencode counts with where nothing is known. */
const USUAL_LIMITS = { context: 128_000, output: 8_192 }

function launchOpencode({ relayUrl, relayKey, model, contextWindow, maxOutputTokens }: LaunchFacts): ClientLaunch {
  const limit = { context: contextWindow ?? USUAL_LIMITS.context, output: maxOutputTokens ?? USUAL_LIMITS.output }
  const models = model === undefined ? {} : { [model]: { name: model, limit } }
  const provider = {
    npm: '@ai-sdk/openai-compatible',
    name: 'Relay',
    options: { baseURL: `${relayUrl}/v1`, apiKey: '{env:RELAY_KEY}' },
    models,
  }
  const configuration = {
    $schema: 'https://opencode.ai/config.json',
    ...(model === undefined ? {} : { model: `relay/${model}`, small_model: `relay/${model}` }),
    provider: { relay: provider },
  }
  return {
    program: 'opencode',
    words: [],
    environment: { OPENCODE_CONFIG_CONTENT: JSON.stringify(configuration), RELAY_KEY: relayKey },
  }
}
