/** What goes into a first call. */
export interface ExampleCall {
  /** Where the relay is, such as `http://127.0.0.1:3000`. */
  readonly origin: string
  /** Stands where the reader's relay key belongs. */
  readonly key: string
  readonly model: string
  readonly greeting: string
}

/** A line for a shell that sends one streamed request through the relay. */
export function writeExampleCall({ origin, key, model, greeting }: ExampleCall): string {
  return [
    `curl -N ${origin}/v1/messages \\`,
    `  -H ${quote(`x-api-key: ${key}`)} \\`,
    `  -H 'anthropic-version: 2023-06-01' \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d ${quote(
      `{"model": ${JSON.stringify(model)}, "max_tokens": 256, "stream": true,\n` +
        `       "messages": [{"role": "user", "content": ${JSON.stringify(greeting)}}]}`,
    )}`,
  ].join('\n')
}

/** One word for the shell, whatever is in it: model names come from people. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
