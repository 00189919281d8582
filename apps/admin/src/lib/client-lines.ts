/** What lines for clients are made of. */
interface LineFacts {
  /** The address of this relay, without a slash at the end. */
  readonly origin: string
  readonly key: string
  /** A model that is served here. */
  readonly model: string
}

/** The clients that lines are made for, in the order in which they are shown. */
export const CLIENTS = ['claudeCode', 'codex', 'anthropicSdk', 'openaiSdk', 'curl'] as const
export type ClientName = (typeof CLIENTS)[number]

/** What stands in shells, TOML and programs without quoting. */
const PLAIN_MODEL = /^[\w.:/@+-]{1,200}$/

/**
 * Lines to paste, so that a client talks to this relay.
 *
 * @remarks Models are named by upstreams: a name that would mean something to a shell is not written into its line.
 */
export function writeClientLines(client: ClientName, facts: LineFacts): string {
  return WRITERS[client]({ ...facts, model: PLAIN_MODEL.test(facts.model) ? facts.model : 'MODEL' })
}

const WRITERS: Readonly<Record<ClientName, (facts: LineFacts) => string>> = {
  claudeCode: ({ origin, key }) =>
    `export ANTHROPIC_BASE_URL="${origin}"\nexport ANTHROPIC_AUTH_TOKEN="${key}"\nclaude`,
  codex: ({ origin, key, model }) => `model = "${model}"
model_provider = "relay"

[model_providers.relay]
name = "Relay"
base_url = "${origin}/v1"
wire_api = "responses"
env_key = "RELAY_KEY"

# terminal
export RELAY_KEY="${key}"
codex`,
  anthropicSdk: ({ origin, key, model }) => `import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic({ baseURL: '${origin}', apiKey: '${key}' })
const message = await client.messages.create({
  model: '${model}',
  max_tokens: 256,
  messages: [{ role: 'user', content: 'Hello!' }],
})`,
  openaiSdk: ({ origin, key, model }) => `import OpenAI from 'openai'

const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: '${key}' })
const completion = await client.chat.completions.create({
  model: '${model}',
  messages: [{ role: 'user', content: 'Hello!' }],
})`,
  curl: ({ origin, key, model }) => `curl -N ${origin}/v1/messages \\
  -H "x-api-key: ${key}" \\
  -H "content-type: application/json" \\
  -d '{"model":"${model}","max_tokens":64,"stream":true,"messages":[{"role":"user","content":"Hello!"}]}'`,
}
