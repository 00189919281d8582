import { basename, relative } from 'node:path'

/** How this command was called, so that a hint can be pasted as it is. */
export function commandName(): string {
  const script = process.argv[1]
  if (script === undefined || basename(script) === 'relay') return 'relay'
  const path = relative(process.cwd(), script)
  return `node ${/\s/.test(path) ? JSON.stringify(path) : path}`
}

/** For the end of a hint: the data folder that was named goes along, or the hint would lead into another one. */
export function dataDirOption({ 'data-dir': folder }: { readonly 'data-dir'?: string | undefined }): string {
  if (folder === undefined) return ''
  return ` --data-dir ${/^[\w./-]+$/.test(folder) ? folder : JSON.stringify(folder)}`
}
