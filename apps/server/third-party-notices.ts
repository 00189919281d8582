import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'

/** Written by tsup; it goes once it has been read. */
const METAFILE = 'metafile-esm.json'
/** Written by the panel's build: the folders of the packages in it. */
const PANEL_PACKAGES = 'admin/packages.json'
const NOTICES = 'THIRD-PARTY-NOTICES.txt'
/** What lies beside the bundle as it is. */
const COPIED = ['node_modules/@pydantic/genai-prices']

/** A package whose code is in the product. */
interface Bundled {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly text: string
}

/**
 * Writes which packages the bundle and the panel hold, each with its licence as it came with it; most licences ask that
 * the text goes where the code goes.
 *
 * @throws Error when a package does not say under which licence it comes
 */
export async function writeThirdPartyNotices(folder: string): Promise<void> {
  const folders = new Set([...(await foldersOfBundle(folder)), ...(await foldersOfPanel(folder)), ...COPIED])
  const packages = await Promise.all([...folders].map(describe))
  const sorted = packages.toSorted((one, other) => one.name.localeCompare(other.name))
  const list = sorted.map(({ name, version, license }) => `${name} ${version}: ${license}`)
  const texts = sorted.map(({ name, version, text }) => `${'='.repeat(78)}\n${name} ${version}\n\n${text.trim()}\n`)
  await writeFile(
    join(folder, NOTICES),
    `Relay holds code of these packages:\n\n${list.join('\n')}\n\n${texts.join('\n')}`,
  )
}

async function foldersOfBundle(folder: string): Promise<readonly string[]> {
  const file = join(folder, METAFILE)
  // esbuild's format
  const { inputs } = JSON.parse(await readFile(file, 'utf8')) as { readonly inputs: Readonly<Record<string, unknown>> } // esbuild's format
  await rm(file)
  return Object.keys(inputs).flatMap((path) => packageFolderOf(path) ?? [])
}

async function foldersOfPanel(folder: string): Promise<readonly string[]> {
  const file = join(folder, PANEL_PACKAGES)
  const folders = JSON.parse(await readFile(file, 'utf8')) as readonly string[] // as `listPackages` of the panel writes it
  for (const copy of [file, `${file}.br`, `${file}.gz`]) await rm(copy)
  return folders.map((path) => join('../admin', path))
}

/** The folder of the package that a module belongs to; `undefined` for our own. */
function packageFolderOf(path: string): string | undefined {
  const parts = path.split(/[/\\]/)
  const at = parts.lastIndexOf('node_modules')
  if (at === -1) return undefined
  const length = (parts[at + 1] ?? '').startsWith('@') ? 3 : 2
  return parts.slice(0, at + length).join(sep)
}

async function describe(folder: string): Promise<Bundled> {
  const require = createRequire(join(process.cwd(), folder, 'package.json'))
  const manifest = require('./package.json') as { name: string; version: string; license?: string } // npm's format
  if (manifest.license === undefined) throw new Error(`${manifest.name} does not say under which licence it comes`)
  const files = await readdir(dirname(require.resolve('./package.json')))
  const file = files.find((name) => /^licen[cs]e/i.test(name))
  const text = file === undefined ? `Licence: ${manifest.license}` : await readFile(join(folder, file), 'utf8')
  return { name: manifest.name, version: manifest.version, license: manifest.license, text }
}
