/**
 * Measures what the built entries add to a bundle, minified and gzipped, and fails where one outgrew its limit or cannot
 * be shaken: `node test/packed/sizes.ts`.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

import { build } from 'esbuild'

/** Kilobytes (1000 bytes) that an import may cost. A limit is raised in the commit that needs it, with the reason. */
const LIMITS: readonly Measured[] = [
  { name: '.', source: "export * from './dist/index.js'", limit: 122.5 },
  { name: './fetch', source: "export * from './dist/fetch.js'", limit: 123 },
  { name: './core', source: "export * from './dist/core.js'", limit: 56 },
  pair('anthropic-messages', 'openai-chat', 97),
  pair('anthropic-messages', 'openai-responses', 102.5),
  pair('openai-chat', 'openai-responses', 103),
  { name: './sse', source: "export * from './dist/sse.js'", limit: 3 },
  { name: './usage', source: "export * from './dist/usage.js'", limit: 4 },
  // One name must not pull the rest: no parser, no codec.
  { name: 'encodeSse alone', source: "export { encodeSse } from './dist/sse.js'", limit: 0.2 },
  // … but for small tables that bundlers cannot prove to be unused.
  { name: 'detectFormat alone', source: "export { detectFormat } from './dist/index.js'", limit: 2.5 },
  // Imported for nothing, nothing stays: the modules have no side effects.
  { name: 'no name at all', source: "import './dist/index.js'\nimport './dist/fetch.js'", limit: 0.05 },
]

interface Measured {
  readonly name: string
  readonly source: string
  readonly limit: number
}

/** What a converter between two formats costs that takes its codecs from their own entries. */
function pair(left: string, right: string, limit: number): Measured {
  const codecs = [left, right].map((format) => `export * from './dist/${format}.js'`).join('\n')
  return { name: `${left} + ${right}`, source: `export * from './dist/core.js'\n${codecs}`, limit }
}

for (const measured of LIMITS) {
  const size = await sizeOf(measured.source)
  const isOver = size > measured.limit
  process.stdout.write(
    `${measured.name}: ${size.toFixed(1)} kB of ${measured.limit} kB${isOver ? ' — TOO LARGE' : ''}\n`,
  )
  if (isOver) process.exitCode = 1
}
await compareReadme()

/** Kilobytes of a bundle of this source, its dependency included. */
async function sizeOf(source: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: fileURLToPath(new URL('../..', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2023',
    write: false,
    logLevel: 'error',
  })
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length / 1000
}

/** The README must not promise less than there is. */
async function compareReadme(): Promise<void> {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  for (const { name, source } of LIMITS) {
    const [, promised] =
      new RegExp(`\\| \`${name.replaceAll(/[.+]/g, String.raw`\$&`)}\` +\\| ([\\d.]+) kB`).exec(readme) ?? []
    if (promised === undefined || (await sizeOf(source)) <= Number(promised)) continue
    process.stdout.write(`README.md says that ${name} has ${promised} kB\n`)
    process.exitCode = 1
  }
}
