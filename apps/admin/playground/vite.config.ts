import { copyFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { svelte } from '@sveltejs/vite-plugin-svelte'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'
import type { Plugin } from 'vite'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const OUTPUT = process.env['PLAYGROUND_OUTPUT'] ?? fileURLToPath(new URL('../../../docs/playground/', import.meta.url))

/** The page beside the script. It is written by hand and taken as it is. */
function withPage(): Plugin {
  return {
    name: 'relay-playground-page',
    closeBundle: () => copyFile(`${HERE}index.html`, `${OUTPUT}/index.html`),
  }
}

// One classic script and one style sheet: a browser that opens the page from a disk loads no modules.
export default defineConfig({
  root: HERE,
  plugins: [tailwindcss(), svelte(), withPage()],
  build: {
    outDir: OUTPUT,
    emptyOutDir: false,
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    lib: {
      entry: `${HERE}main.ts`,
      formats: ['iife'],
      name: 'relayPlayground',
      fileName: () => 'playground.js',
      cssFileName: 'playground',
    },
  },
})
