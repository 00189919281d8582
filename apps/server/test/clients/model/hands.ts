import type { OfferedTool, ToolCall } from './asked.ts'

/** Something to do in the client's work folder, whatever its tools are called. */
export type Action =
  | { readonly type: 'read'; readonly path: string }
  /** Looks at a picture. */
  | { readonly type: 'look'; readonly path: string }
  /** `content` ends with a line end. */
  | { readonly type: 'write'; readonly path: string; readonly content: string }
  /** Replaces one line, which occurs once in the file. */
  | { readonly type: 'edit'; readonly path: string; readonly line: string; readonly newLine: string }
  | { readonly type: 'run'; readonly command: string }
  | { readonly type: 'search'; readonly query: string }
  /** Asks for a tool that the client keeps back until it is looked up. */
  | { readonly type: 'look-up'; readonly tool: string }

/** What a call is given beside its id. */
export type Grip = Omit<ToolCall, 'id'>

/**
 * Finds a tool for an action among those on offer and fills in its input.
 *
 * Tools are recognised as a model recognises them, by name and by what they take: `file_path` or `filePath`, `command`
 * or `cmd`, a patch as text, a script that calls further tools.
 *
 * @returns `undefined` when nothing on offer can do it
 */
export function grip(tools: readonly OfferedTool[], action: Action): Grip | undefined {
  const direct = gripDirectly(tools, action)
  if (direct !== undefined) return direct
  const byShell = shellCommand(action)
  return byShell === undefined ? undefined : gripDirectly(tools, { type: 'run', command: byShell })
}

function gripDirectly(tools: readonly OfferedTool[], action: Action): Grip | undefined {
  switch (action.type) {
    case 'read':
      return take(tools, { name: /^read$/i, wants: [[PATH, action.path]] })
    case 'look':
      return (
        take(tools, { name: /^view_image$/, wants: [[PATH, action.path]] }) ??
        take(tools, { name: /^read$/i, wants: [[PATH, action.path]] }) ??
        takeText(tools, 'exec', `image((await tools.view_image({ path: ${JSON.stringify(action.path)} })).image_url);`)
      )
    case 'write':
      return (
        take(tools, {
          name: /^write$/i,
          wants: [
            [PATH, action.path],
            [/^content$/, action.content],
          ],
        }) ?? patch(tools, addFile(action))
      )
    case 'edit':
      return (
        take(tools, {
          name: /^edit$/i,
          wants: [
            [PATH, action.path],
            [/^old_?string$/i, action.line],
            [/^new_?string$/i, action.newLine],
          ],
        }) ?? patch(tools, updateFile(action))
      )
    case 'run':
      return (
        take(tools, { name: /^(bash|exec_command)$/i, wants: [[/^(command|cmd)$/, action.command]] }) ??
        script(tools, action.command)
      )
    case 'search':
      return take(tools, { name: /^web_?search$/i, wants: [[/^query$/, action.query]] })
    case 'look-up':
      return take(tools, { name: /^tool_?search$/i, wants: [[/^query$/, `select:${action.tool}`]] })
  }
}

const PATH = /^(file_?path|path)$/i

interface Wanted {
  readonly name: RegExp
  /** Which member gets which text. */
  readonly wants: readonly (readonly [member: RegExp, text: string])[]
}

/** A function of this name that takes all that is wanted. */
function take(tools: readonly OfferedTool[], { name, wants }: Wanted): Grip | undefined {
  for (const tool of tools) {
    if (tool.kind !== 'function' || !name.test(plainName(tool))) continue
    const filled = wants.map(
      ([member, text]) => [Object.keys(tool.properties).find((key) => member.test(key)), text] as const,
    )
    if (filled.some(([member]) => member === undefined)) continue
    return { tool, input: { ...fillRequired(tool), ...Object.fromEntries(filled) } }
  }
  return undefined
}

/** The name without the group that a conversion put before it. */
function plainName({ name }: OfferedTool): string {
  return name.slice(name.lastIndexOf('__') === -1 ? 0 : name.lastIndexOf('__') + 2)
}

/** Something plausible for every member that must be there. */
function fillRequired({ properties, required }: OfferedTool): Record<string, unknown> {
  return Object.fromEntries(required.map((name) => [name, plausible(properties[name] ?? {})]))
}

function plausible({ type, enum: choices }: OfferedTool['properties'][string]): unknown {
  if (choices !== undefined) return choices[0]
  if (type === 'number' || type === 'integer') return 1
  if (type === 'boolean') return false
  return type === 'array' ? [] : 'a step of the task'
}

/** Free text for a tool of this name; one that had to become a function takes the text as its only member. */
function takeText(tools: readonly OfferedTool[], name: string, text: string): Grip | undefined {
  const tool = tools.find((candidate) => plainName(candidate) === name)
  if (tool === undefined) return undefined
  if (tool.kind === 'freeform') return { tool, input: text }
  const [member, another] = Object.keys(tool.properties)
  return member === undefined || another !== undefined ? undefined : { tool, input: { [member]: text } }
}

/** A patch by the tool for patches, or by a script that calls it. */
function patch(tools: readonly OfferedTool[], text: string): Grip | undefined {
  return (
    takeText(tools, 'apply_patch', text) ??
    takeText(tools, 'exec', `const done = await tools.apply_patch(${JSON.stringify(text)});\ntext(done);`)
  )
}

/** A command by a script. */
function script(tools: readonly OfferedTool[], command: string): Grip | undefined {
  const call = `await tools.exec_command({ cmd: ${JSON.stringify(command)} })`
  return takeText(tools, 'exec', `// one step\nconst done = ${call};\ntext(done.output ?? done);`)
}

function addFile({ path, content }: Extract<Action, { type: 'write' }>): string {
  const lines = content.slice(0, -1).split('\n')
  return `*** Begin Patch\n*** Add File: ${path}\n${lines.map((line) => `+${line}\n`).join('')}*** End Patch\n`
}

function updateFile({ path, line, newLine }: Extract<Action, { type: 'edit' }>): string {
  return `*** Begin Patch\n*** Update File: ${path}\n@@\n-${line}\n+${newLine}\n*** End Patch\n`
}

/** The action as a command, for clients that have a shell and little else. */
function shellCommand(action: Action): string | undefined {
  switch (action.type) {
    case 'read':
      return `cat ${quote(action.path)}`
    case 'write':
      return `printf %s ${quote(action.content)} > ${quote(action.path)}`
    case 'edit': {
      const change = `s/^${escapeForSed(action.line)}$/${escapeForSed(action.newLine)}/`
      return `sed -i ${quote(change)} ${quote(action.path)}`
    }
    case 'look':
    case 'run':
    case 'search':
    case 'look-up':
      return undefined
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function escapeForSed(text: string): string {
  return text.replaceAll(/[\\/.*[\]^$&]/g, String.raw`\$&`)
}
