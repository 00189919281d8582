import { VERSION } from '../version.ts'
import { DEMO_CLIENT_MODEL } from './demo-account.ts'
import { ADMIN_NAME } from './first-secrets.ts'

/** What a start has to tell the person at the terminal. */
export interface Welcome {
  /** Address of the server, without a slash at the end. */
  readonly url: string
  /** How the `relay` command is called on this machine. */
  readonly command: string
  /** Made in this start: shown once. */
  readonly relayKey: string | undefined
  /** Made in this start: shown once. */
  readonly adminPassword: string | undefined
  readonly hasDemo: boolean
  readonly hasOwnAccount: boolean
}

/** A tool for the demo to call: what a conversion loses first is a tool call. */
const DEMO_TOOL = {
  name: 'get_weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

const PANEL_PATH = '/admin-next'

/** The text of a start. It holds a secret only when one was made in this start. */
export function composeWelcome(welcome: Welcome): string {
  const parts = [`Relay ${VERSION} is running.`, composeAddresses(welcome), composeTry(welcome), composeNext(welcome)]
  return `\n${parts.filter((part) => part !== undefined).join('\n\n')}\n\n`
}

/** The same as data, for `relay start --json`. */
export function welcomeToJson(welcome: Welcome): Record<string, unknown> {
  const { url, relayKey, adminPassword } = welcome
  return {
    version: VERSION,
    url,
    panelUrl: `${url}${PANEL_PATH}`,
    relayKey,
    adminName: adminPassword === undefined ? undefined : ADMIN_NAME,
    adminPassword,
    demoModel: welcome.hasDemo ? DEMO_CLIENT_MODEL : undefined,
  }
}

/** Addresses that mean "all" cannot be opened; this machine's own can. */
export function openableUrl(url: string): string {
  const parsed = new URL(url)
  if (parsed.hostname === '0.0.0.0') parsed.hostname = '127.0.0.1'
  if (parsed.hostname === '[::]') parsed.hostname = '[::1]'
  return parsed.href.replace(/\/$/, '')
}

function composeAddresses({ url, relayKey, adminPassword }: Welcome): string {
  const lines = [`  API        ${url}`, `  Panel      ${url}${PANEL_PATH}`]
  if (adminPassword !== undefined) {
    lines.push(`             sign in as ${ADMIN_NAME} with the one-time password  ${adminPassword}`)
  }
  if (relayKey !== undefined) lines.push(`  Relay key  ${relayKey}`)
  if (relayKey !== undefined || adminPassword !== undefined) {
    lines.push('', '  Write them down: what is secret here is shown only this once.')
  }
  return lines.join('\n')
}

function composeTry({ url, relayKey, hasDemo }: Welcome): string | undefined {
  if (relayKey === undefined || !hasDemo) return undefined
  const body = {
    model: DEMO_CLIENT_MODEL,
    max_tokens: 256,
    stream: true,
    tools: [DEMO_TOOL],
    messages: [{ role: 'user', content: 'What is the weather in Paris?' }],
  }
  return [
    '  Try it: a Claude request with a tool, converted, answered by the built-in demo account.',
    '',
    `  curl -N ${url}/v1/messages -H 'x-api-key: ${relayKey}' -H 'content-type: application/json' -d '${JSON.stringify(body)}'`,
  ].join('\n')
}

function composeNext({ command, relayKey, hasOwnAccount }: Welcome): string {
  const lines: string[] = []
  if (!hasOwnAccount) lines.push(`  Add an account:     ${command} account add NAME --preset anthropic`)
  if (relayKey === undefined) lines.push(`  Make a relay key:   ${command} key create NAME`)
  lines.push(`  Something is wrong: ${command} doctor`)
  return lines.join('\n')
}
