import { build } from 'esbuild'

import type { Project } from '../project.ts'

/** Bundles a program of the project for the web: whatever needs Node fails here. */
export async function bundle(project: Project, source: string, format: 'esm' | 'iife'): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: project.folder, loader: 'ts' },
    bundle: true,
    format,
    platform: 'browser',
    target: 'es2023',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}
