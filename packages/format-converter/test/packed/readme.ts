import { readFileSync } from 'node:fs'

/** One code block of the README that can be run. */
export interface ReadmeBlock {
  /** The heading it stands under. */
  readonly title: string
  readonly code: string
  /** What its `// →` comments promise to be printed, in order. */
  readonly promised: readonly string[]
}

/** The address of the server that the README talks to. */
const README_SERVER = 'http://localhost:11434/v1'

/**
 * The TypeScript blocks of the README.
 *
 * @param server - takes the place of the README's server, up to and including `/v1`
 */
export function readmeBlocks(server: string): readonly ReadmeBlock[] {
  const text = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const blocks: ReadmeBlock[] = []
  let title = ''
  for (const piece of text.matchAll(/^#+ (?<title>.+)$|^```ts\n(?<code>[^]*?)^```$/gm)) {
    const { code } = piece.groups ?? {}
    title = piece.groups?.['title'] ?? title
    if (code === undefined) continue
    const promised = [...code.matchAll(/\/\/ → (.+)$/gm)].map(([, line = '']) => line)
    blocks.push({ title, code: code.replaceAll(README_SERVER, server), promised })
  }
  return blocks
}
