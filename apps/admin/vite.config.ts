import { sveltekit } from '@sveltejs/kit/vite'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'

import { listPackages } from './list-packages.ts'
import description from './package.json' with { type: 'json' }
import { panelAdapter, withoutInlineStyle } from './panel-adapter.ts'

const BASE = '/admin-next'

// A static single-page application: the relay serves the files, and answers deep links with the fallback.
export default defineConfig({
  plugins: [
    tailwindcss(),
    withoutInlineStyle(),
    listPackages(),
    sveltekit({
      adapter: panelAdapter(BASE),
      paths: { base: BASE, relative: false },
      // A time stamp here would give every build other bytes.
      version: { name: description.version },
    }),
  ],
  // `light-dark()` as it stands, which every browser has had since 2024.
  build: { cssTarget: ['chrome123', 'firefox120', 'safari17.5'] },
  // For `vite dev` beside a relay that was started on its usual port.
  server: { proxy: { '/admin/api': 'http://127.0.0.1:3000' } },
})
