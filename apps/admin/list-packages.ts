import { relative } from 'node:path'

import type { Plugin } from 'vite'

const PACKAGE = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//

/**
 * Writes `packages.json` beside the panel's files: the folders of all packages whose code is in them, relative to this
 * one. The server's build makes licence notices of it and takes it away.
 */
export function listPackages(): Plugin {
  return {
    name: 'relay-list-packages',
    applyToEnvironment: ({ name }) => name === 'client',
    generateBundle(): void {
      const folders = [...this.getModuleIds()].flatMap((id) => PACKAGE.exec(id.replaceAll('\\', '/'))?.[1] ?? [])
      const source = JSON.stringify([...new Set(folders)].map((folder) => relative('.', folder)))
      this.emitFile({ type: 'asset', fileName: 'packages.json', source })
    },
  }
}
