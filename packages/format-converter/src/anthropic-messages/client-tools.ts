import type { JsonObject } from '../model/json.ts'

/** What a vendor-defined client tool looks like when it is spelled out as an ordinary function. */
export interface ClientToolSchema {
  readonly description: string
  readonly parameters: JsonObject
}

const TEXT = { type: 'string' } as const
const COUNT = { type: 'integer' } as const
const LINE_RANGE = {
  type: 'array',
  items: COUNT,
  minItems: 2,
  maxItems: 2,
  description: 'First and last line to show, counted from 1; -1 as the last means to the end.',
} as const

const BASH: ClientToolSchema = {
  description: 'Runs a command in a shell session that stays open between calls.',
  parameters: {
    type: 'object',
    properties: {
      command: { ...TEXT, description: 'The command to run. Required unless the shell is restarted.' },
      restart: { type: 'boolean', description: 'True starts a fresh shell.' },
    },
  },
}

const EDITING = {
  path: { ...TEXT, description: 'Absolute path of the file or directory.' },
  file_text: { ...TEXT, description: 'Content of the new file; for create.' },
  old_str: { ...TEXT, description: 'Text to replace, which must occur exactly once; for str_replace.' },
  new_str: { ...TEXT, description: 'Text to put in its place; for str_replace.' },
  insert_line: { ...COUNT, description: 'Line after which the text goes, 0 for the beginning; for insert.' },
  insert_text: { ...TEXT, description: 'Text to insert; for insert.' },
  view_range: LINE_RANGE,
} as const

const TEXT_EDITOR: ClientToolSchema = {
  description: 'Shows and edits text files.',
  parameters: {
    type: 'object',
    properties: { command: { ...TEXT, enum: ['view', 'create', 'str_replace', 'insert'] }, ...EDITING },
    required: ['command', 'path'],
  },
}

const MEMORY: ClientToolSchema = {
  description: 'Keeps notes between conversations as files below /memories.',
  parameters: {
    type: 'object',
    properties: {
      command: { ...TEXT, enum: ['view', 'create', 'str_replace', 'insert', 'delete', 'rename'] },
      ...EDITING,
      old_path: { ...TEXT, description: 'Present path; for rename.' },
      new_path: { ...TEXT, description: 'New path; for rename.' },
    },
    required: ['command'],
  },
}

/** Dated type names begin with these words. */
const SCHEMAS: readonly (readonly [prefix: string, name: string, schema: ClientToolSchema])[] = [
  ['bash_', 'bash', BASH],
  ['text_editor_', 'str_replace_based_edit_tool', TEXT_EDITOR],
  ['memory_', 'memory', MEMORY],
]

/**
 * The documented schema of a client tool that Anthropic defines by a dated type name (`bash_20250124`).
 *
 * @returns the schema with the tool's usual name; `undefined` for every other type
 * @remarks Source: Anthropic documentation of the bash, text editor and memory tools.
 */
export function findClientTool(type: string): { readonly name: string; readonly schema: ClientToolSchema } | undefined {
  const found = SCHEMAS.find(([prefix]) => type.startsWith(prefix))
  return found === undefined ? undefined : { name: found[1], schema: found[2] }
}
