import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'

import adapterStatic from '@sveltejs/adapter-static'
import type { Adapter } from '@sveltejs/kit'

const DIRECTORY = 'build'
const FALLBACK = '200.html'
const FOLDER = '_app/immutable/entry'
const INLINE_SCRIPT = /<script>([\s\S]*?)<\/script>/g

/**
 * Writes the panel as static files that run under a content security policy without inline script: the few lines
 * SvelteKit puts into the page to start the application move to a file of their own.
 */
export function panelAdapter(base: string): Adapter {
  const files = adapterStatic({ pages: DIRECTORY, fallback: FALLBACK })
  return {
    name: 'relay-panel',
    async adapt(builder): Promise<void> {
      await files.adapt(builder)
      await moveScriptToFile(base)
      await builder.compress(DIRECTORY)
    },
  }
}

async function moveScriptToFile(base: string): Promise<void> {
  const page = await readFile(`${DIRECTORY}/${FALLBACK}`, 'utf8')
  const [script, ...more] = [...page.matchAll(INLINE_SCRIPT)]
  if (script === undefined || more.length > 0) {
    throw new Error(`${FALLBACK} should hold exactly one inline script, SvelteKit's start; it holds ${more.length + (script ? 1 : 0)}`)
  }
  const [element, code = ''] = script
  const name = `${FOLDER}/boot.${createHash('sha256').update(code).digest('base64url').slice(0, 8)}.js`
  await writeFile(`${DIRECTORY}/${name}`, code)
  await writeFile(`${DIRECTORY}/${FALLBACK}`, page.replace(element, () => `<script src="${base}/${name}"></script>`))
}
