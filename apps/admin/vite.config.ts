import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'

// A static single-page application: the relay serves the files, and answers deep links with the fallback.
export default defineConfig({
  plugins: [
    tailwindcss(),
    sveltekit({
      adapter: adapter({ fallback: '200.html', precompress: true }),
      paths: { base: '/admin-next', relative: false },
    }),
  ],
})
