import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts', conformance: 'src/conformance/index.ts', testing: 'src/testing/index.ts' },
  format: 'esm',
  platform: 'node',
  target: 'es2023',
  dts: true,
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false, // `node:sqlite` exists only under its full name
})
