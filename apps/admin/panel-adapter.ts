import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'

import adapterStatic from '@sveltejs/adapter-static'
import type { Adapter } from '@sveltejs/kit'
import type { Plugin } from 'vite'

const DIRECTORY = 'build'
const FALLBACK = '200.html'
const FOLDER = '_app/immutable/entry'
const ANNOUNCER_STYLE = /(id="svelte-announcer"[^>]*?)\s+style="[^"]*"/
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

/**
 * Takes the style attribute from SvelteKit's page announcer, which the policy would block; `app.css` hides the element
 * from sight instead.
 */
export function withoutInlineStyle(): Plugin {
  return {
    name: 'relay-without-inline-style',
    enforce: 'pre',
    transform: {
      filter: { id: /kit\/src\/runtime\/components\/root\.svelte$/ },
      handler(code): { code: string; map: null } {
        const changed = code.replace(ANNOUNCER_STYLE, '$1')
        if (changed === code) throw new Error('SvelteKit’s announcer has no style attribute any more; remove this step')
        return { code: changed, map: null }
      },
    },
  }
}

async function moveScriptToFile(base: string): Promise<void> {
  const page = await readFile(`${DIRECTORY}/${FALLBACK}`, 'utf8')
  const [script, ...more] = [...page.matchAll(INLINE_SCRIPT)]
  if (script === undefined || more.length > 0) {
    throw new Error(
      `${FALLBACK} should hold exactly one inline script, SvelteKit's start; it holds ${more.length + (script ? 1 : 0)}`,
    )
  }
  const [element, code = ''] = script
  const name = `${FOLDER}/boot.${createHash('sha256').update(code).digest('base64url').slice(0, 8)}.js`
  await writeFile(`${DIRECTORY}/${name}`, code)
  await writeFile(
    `${DIRECTORY}/${FALLBACK}`,
    page.replace(element, () => `<script src="${base}/${name}"></script>`),
  )
}
