import { cp } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { defineConfig } from 'tsup'

import { builtinModules } from './builtin-modules.ts'
import { writeThirdPartyNotices } from './third-party-notices.ts'

// Some bundled dependencies are CommonJS and call `require`, which an ES module does not have.
const REQUIRE_FOR_COMMONJS =
  "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);"

export default defineConfig({
  // The small entry runs on any Node and hands over to the program, or says which Node it needs. Long bodies have a thread.
  entry: {
    relay: 'src/cli/launch.ts',
    'relay-command': 'src/cli/relay.ts',
    'long-work-thread': 'src/relay/long-work/thread.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node24',
  noExternal: [/.*/],
  removeNodeProtocol: false,
  // The engine reads these anew each time they are used as globals.
  inject: ['./bound-globals.ts'],
  // What a start does not need lies in files of its own, which are read when they are asked for.
  splitting: true,
  sourcemap: true,
  clean: true,
  banner: { js: `#!/usr/bin/env node\n${REQUIRE_FOR_COMMONJS}` },
  // jsonc-parser's `main` is a UMD file whose inner requires no bundler can follow; its `module` is plain.
  esbuildOptions: (options) => {
    options.mainFields = ['module', 'main']
    // Less to read at a start; names stay, for stack traces.
    options.minifyWhitespace = true
    options.minifySyntax = true
    options.legalComments = 'external'
  },
  esbuildPlugins: [
    builtinModules,
    {
      name: 'parts-of-undici',
      setup: ({ onResolve }) => {
        onResolve({ filter: /^undici$/ }, () => ({ path: beside('undici-parts.js') }))
        onResolve({ filter: /\/client-h2\.js$/ }, () => ({ path: beside('undici-without-http2.cjs') }))
      },
    },
  ],
  metafile: true,
  // The panel lies beside the bundle, so that one folder is the whole product.
  // The price table lies there too: it is read when a price is first asked for, not at each start.
  onSuccess: async () => {
    await cp('../admin/build', 'dist/admin', { recursive: true })
    await cp(
      fileURLToPath(import.meta.resolve('@pydantic/genai-prices')).replace(/\.js$/, '.cjs'),
      'dist/genai-prices.cjs',
    )
    await writeThirdPartyNotices('dist')
  },
})

function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}
