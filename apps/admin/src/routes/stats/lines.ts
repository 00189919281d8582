/** Stands where the reader's key belongs: a line that is copied must not carry it into a history of commands by itself. */
const KEY = '$RELAY_KEY'

/** Makes Claude Code talk to this relay. */
export function writeClaudeCode(origin: string): string {
  return [`export ANTHROPIC_BASE_URL=${quote(origin)}`, `export ANTHROPIC_AUTH_TOKEN="${KEY}"`, 'claude'].join('\n')
}

/** One request, streamed. */
export function writeCurl(origin: string, model: string): string {
  const body = { model, max_tokens: 64, stream: true, messages: [{ role: 'user', content: 'Hello!' }] }
  return [
    `curl -N ${quote(`${origin}/v1/messages`)} \\`,
    `  -H "x-api-key: ${KEY}" \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d ${quote(JSON.stringify(body))}`,
  ].join('\n')
}

/** One word for the shell, whatever is in it: model names come from people. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
