import type { Options } from 'tsup'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/**
 * Filling the namespace of an `import` reads every getter of the module, and behind those of these modules lie a whole
 * `fetch`, WebSockets and more; they are taken without it.
 */
const LADEN = /^node:(?:fs|http|https|util)$/
/** Of little use at a start: these are read when one of their functions is first called. */
const LATER = /^node:(?:child_process|tls|zlib)$/

/** Takes Node's own modules so that a start reads no more of Node than it uses. */
export const builtinModules: Plugin = {
  name: 'builtin-modules',
  setup: ({ onResolve, onLoad }) => {
    for (const [filter, namespace] of [
      [LADEN, 'laden'],
      [LATER, 'later'],
    ] as const) {
      onResolve({ filter }, ({ path, kind }) => (kind === 'import-statement' ? { path, namespace } : undefined))
    }
    onLoad({ filter: LADEN, namespace: 'laden' }, ({ path }) => ({ contents: plainModule(path) }))
    onLoad({ filter: LATER, namespace: 'later' }, ({ path }) => ({ contents: laterModule(path) }))
  },
}

/** What is behind a getter is not exported: the build says so when something imports it. */
function plainModule(path: string): string {
  const names = membersOf(path).map(([name]) => name)
  return [
    `const builtin = process.getBuiltinModule('${path}')`,
    'export default builtin',
    ...names.map((name) => `export const ${name} = builtin.${name}`),
  ].join('\n')
}

/** Functions only: the build says so when something imports a class or a constant. */
function laterModule(path: string): string {
  const names = membersOf(path).flatMap(([name, value]) =>
    typeof value === 'function' && !isClass(name) ? [name] : [],
  )
  return names
    .map((name) => `export const ${name} = (...given) => process.getBuiltinModule('${path}').${name}(...given)`)
    .join('\n')
}

function membersOf(path: string): (readonly [name: string, value: unknown])[] {
  const members = Object.getOwnPropertyDescriptors(process.getBuiltinModule(path) ?? {})
  return Object.entries(members).flatMap(([name, { get, value }]) =>
    get === undefined && /^[A-Za-z]\w*$/.test(name) ? [[name, value as unknown] as const] : [],
  )
}

function isClass(name: string): boolean {
  return /^[A-Z]/.test(name)
}
