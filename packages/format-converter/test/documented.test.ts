import { fileURLToPath } from 'node:url'

import ts from 'typescript'
import { expect, test } from 'vitest'

import manifest from '../package.json' with { type: 'json' }

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const entries = Object.values(manifest.exports).filter((file) => file.endsWith('.ts'))

test('every name that an entry exports says what it means', { timeout: 60_000 }, () => {
  const files = entries.map((file) => `${ROOT}${file}`)
  const program = ts.createProgram(files, {
    noResolve: false,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
  })
  const checker = program.getTypeChecker()
  const silent = files.flatMap((file) => {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    if (module === undefined) return [`${file} is no module`]
    return checker
      .getExportsOfModule(module)
      .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
      .filter((symbol) => symbol.getDocumentationComment(checker).length === 0)
      .map((symbol) => `${symbol.name} of ${file.slice(ROOT.length)}`)
  })
  expect(silent).toEqual([])
})
