import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type MutableJsonObject } from '../model/json.ts'
import { objectsOf, optionalIndex, optionalString, stringOf } from '../wire/loose.ts'
import { parseJsonObject, toJsonText } from '../wire/raw-json.ts'
import { argumentsText } from '../wire/tool-arguments.ts'
import { ITEM_PREFIX } from './wire.ts'

/**
 * A client tool that this format declares by its type alone. Elsewhere it is a function with the parameters below; here
 * its calls and results are items of their own.
 */
export interface ToolBridge {
  /** Type of the declaration, and the function's name elsewhere. */
  readonly tool: 'shell' | 'local_shell' | 'apply_patch' | 'tool_search'
  readonly callType: string
  readonly outputType: string
  readonly idPrefix: string
  readonly description: string
  readonly parameters: JsonObject
  /** What a call item asks for, as arguments of the function. */
  argumentsOf(item: JsonObject): JsonObject
  /** The members of a call item beside type, ids and status; without arguments those of a call that has just begun. */
  membersOf(input: JsonObject | undefined): JsonObject
  /** Whether the arguments say what is to be done. */
  saysWhat(input: JsonObject): boolean
  /** Status of a call of which something is missing. */
  readonly halfStatus: 'incomplete' | 'in_progress'
  /** A result item as text. */
  outputTextOf(item: JsonObject): { readonly text: string; readonly isError: boolean }
  /** A text as the members of a result item. */
  outputMembersOf(text: string, isError: boolean): JsonObject
}

const shell: ToolBridge = {
  tool: 'shell',
  callType: 'shell_call',
  outputType: 'shell_call_output',
  idPrefix: ITEM_PREFIX.shellCall,
  description: 'Runs shell commands and returns what each of them prints.',
  parameters: {
    type: 'object',
    properties: {
      commands: { type: 'array', items: { type: 'string' }, description: 'Commands, run one after the other.' },
      timeout_ms: { type: 'integer', description: 'Longest time for the commands, in milliseconds.' },
      max_output_length: { type: 'integer', description: 'Most characters of output to return.' },
    },
    required: ['commands'],
  },
  argumentsOf: (item) => {
    const action = objectOf(item['action'])
    return known({
      commands: action['commands'],
      timeout_ms: action['timeout_ms'],
      max_output_length: action['max_output_length'],
    })
  },
  membersOf: (input = {}) => ({
    action: {
      commands: textsOf(input['commands']),
      timeout_ms: optionalIndex(input['timeout_ms']) ?? null,
      max_output_length: optionalIndex(input['max_output_length']) ?? null,
    },
    environment: null,
  }),
  saysWhat: ({ commands }) => textsOf(commands).length > 0,
  halfStatus: 'incomplete',
  outputTextOf: (item) => ({ text: toJsonText(item['output'] ?? []), isError: false }),
  outputMembersOf: (text, isError) => ({ output: readShellOutput(text) ?? [plainShellOutput(text, isError)] }),
}

const localShell: ToolBridge = {
  tool: 'local_shell',
  callType: 'local_shell_call',
  outputType: 'local_shell_call_output',
  idPrefix: ITEM_PREFIX.localShellCall,
  description: "Runs one command on the user's computer and returns what it prints.",
  parameters: {
    type: 'object',
    properties: {
      command: { type: 'array', items: { type: 'string' }, description: 'The command and its arguments.' },
      env: { type: 'object', additionalProperties: { type: 'string' }, description: 'Environment variables to set.' },
      working_directory: { type: 'string', description: 'Directory to run the command in.' },
      timeout_ms: { type: 'integer', description: 'Longest time for the command, in milliseconds.' },
      user: { type: 'string', description: 'User to run the command as.' },
    },
    required: ['command'],
  },
  argumentsOf: (item) => {
    const { type: _exec, ...action } = objectOf(item['action'])
    return known(action)
  },
  membersOf: (input = {}) => ({
    action: {
      type: 'exec',
      command: textsOf(input['command']),
      env: objectOf(input['env']),
      ...known({
        timeout_ms: optionalIndex(input['timeout_ms']),
        user: optionalString(input['user']),
        working_directory: optionalString(input['working_directory']),
      }),
    },
  }),
  saysWhat: ({ command }) => textsOf(command).length > 0,
  halfStatus: 'incomplete',
  outputTextOf: (item) => ({ text: argumentsText(item['output']), isError: false }),
  outputMembersOf: (text) => ({ output: text }),
}

const applyPatch: ToolBridge = {
  tool: 'apply_patch',
  callType: 'apply_patch_call',
  outputType: 'apply_patch_call_output',
  idPrefix: ITEM_PREFIX.patchCall,
  description: 'Creates, updates or deletes one file. Updates and new files are given as a diff.',
  parameters: {
    type: 'object',
    properties: {
      operation: {
        type: 'object',
        properties: {
          type: { type: 'string', enum: ['create_file', 'update_file', 'delete_file'] },
          path: { type: 'string', description: 'Path of the file.' },
          diff: { type: 'string', description: 'The change as a diff; absent when a file is deleted.' },
        },
        required: ['type', 'path'],
      },
    },
    required: ['operation'],
  },
  argumentsOf: (item) => ({ operation: objectOf(item['operation']) }),
  membersOf: (input) => ({ operation: operationOf(input ?? {}) }),
  saysWhat: (input) => stringOf(operationIn(input)['type']) !== '' && stringOf(operationIn(input)['path']) !== '',
  halfStatus: 'in_progress', // the format has no other word for it here
  outputTextOf: (item) => ({
    text: argumentsText(item['output']) || stringOf(item['status']),
    isError: item['status'] === 'failed',
  }),
  outputMembersOf: (text, isError) => ({ status: isError ? 'failed' : 'completed', output: text }),
}

/** The search that the client runs itself, and describes itself. What it finds are declarations of tools. */
const toolSearch: ToolBridge = {
  tool: 'tool_search',
  callType: 'tool_search_call',
  outputType: 'tool_search_output',
  idPrefix: ITEM_PREFIX.toolSearch,
  description: 'Finds further tools by what they do, and loads them.',
  parameters: {
    type: 'object',
    properties: { query: { type: 'string', description: 'What the tool shall do.' } },
    required: ['query'],
  },
  argumentsOf: (item) => objectOf(item['arguments']),
  membersOf: (input = {}) => ({ execution: 'client', arguments: input }),
  saysWhat: () => true,
  halfStatus: 'incomplete',
  outputTextOf: (item) => ({ text: loadedText(item), isError: false }),
  outputMembersOf: () => ({ execution: 'client', status: 'completed', tools: [] }),
}

const BRIDGES: readonly ToolBridge[] = [shell, localShell, applyPatch, toolSearch]

/** The bridge of a tool that is declared by its type alone and that the client runs. */
export function bridgeOfTool(tool: JsonObject): ToolBridge | undefined {
  return runByClient(
    BRIDGES.find((bridge) => bridge.tool === tool['type']),
    tool,
  )
}

/** The bridge by the name that its tool has elsewhere. */
export function bridgeNamed(name: string): ToolBridge | undefined {
  return BRIDGES.find((bridge) => bridge.tool === name)
}

/** The bridge that a call item belongs to. */
export function bridgeOfCall(item: JsonObject): ToolBridge | undefined {
  return runByClient(
    BRIDGES.find((bridge) => bridge.callType === item['type']),
    item,
  )
}

/** Shells in a vendor's container and the vendor's own search are no client tools. */
function runByClient(bridge: ToolBridge | undefined, object: JsonObject): ToolBridge | undefined {
  if (bridge === toolSearch) return object['execution'] === 'client' ? bridge : undefined
  return isContainer(object['environment']) ? undefined : bridge
}

/** The bridge that a result item belongs to. */
export function bridgeOfOutput(item: JsonObject): ToolBridge | undefined {
  const bridge = BRIDGES.find((candidate) => candidate.outputType === item['type'])
  return bridge === toolSearch ? runByClient(bridge, item) : bridge
}

/** True for an `environment` that the vendor runs. */
function isContainer(environment: JsonValue | undefined): boolean {
  return stringOf(objectOf(environment)['type']).startsWith('container')
}

/** Members of an item that say what its tool is to do. */
const DEEDS = ['action', 'operation', 'arguments'] as const

/** The member of an item from which it cannot be read what the tool is to do; `undefined` where it can. */
export function brokenDeed(item: JsonObject, bridge: ToolBridge): string | undefined {
  const deed = DEEDS.find((name) => (item[name] ?? null) !== null)
  const isWhole = deed === undefined || (isJsonObject(item[deed]) && bridge.saysWhat(bridge.argumentsOf(item)))
  return isWhole ? undefined : deed
}

/** The action of a call from the arguments a model wrote; `undefined` when they are no JSON object. */
export function readCallInput(text: string): JsonObject | undefined {
  return parseJsonObject(text)
}

/** Whether an argument has no place in the item; `operation` may be left out as a wrapping, so its members count alone. */
export function losesArguments(bridge: ToolBridge, input: JsonObject): boolean {
  const carried = unwrapped(bridge.argumentsOf(bridge.membersOf(input)))
  const given = Object.entries(unwrapped(input))
  return given.some(([name, value]) => value !== null && value !== '' && !Object.hasOwn(carried, name))
}

function unwrapped({ operation, ...others }: JsonObject): JsonObject {
  return { ...others, ...objectOf(operation) }
}

/** The names of what a search found; members of a namespace stand in it one by one. */
function loadedText(item: JsonObject): string {
  const names = objectsOf(item['tools']).flatMap((tool) => {
    const name = stringOf(tool['name']) || stringOf(tool['type'])
    if (tool['type'] !== 'namespace') return [name]
    return objectsOf(tool['tools']).map((member) => `${name}__${stringOf(member['name'])}`)
  })
  return names.length === 0 ? 'No tools were found.' : names.map((name) => `[tool available: ${name}]`).join('\n')
}

/** Some models leave the wrapping out. */
function operationIn(input: JsonObject): JsonObject {
  return isJsonObject(input['operation']) ? input['operation'] : input
}

function operationOf(input: JsonObject): JsonObject {
  const operation = operationIn(input)
  const type = stringOf(operation['type']) || 'update_file'
  const path = stringOf(operation['path'])
  return type === 'delete_file' ? { type, path } : { type, path, diff: stringOf(operation['diff']) }
}

/** Results that went out as JSON come back as they were. */
function readShellOutput(text: string): readonly JsonObject[] | undefined {
  const wrapped = parseJsonObject(`{"output":${text === '' ? 'null' : text}}`)
  const output = wrapped?.['output']
  if (!isJsonArray(output) || output.length === 0) return undefined
  const entries = objectsOf(output).filter(
    (entry) => typeof entry['stdout'] === 'string' && isJsonObject(entry['outcome']),
  )
  return entries.length === output.length ? entries : undefined
}

function plainShellOutput(text: string, isError: boolean): JsonObject {
  return {
    stdout: isError ? '' : text,
    stderr: isError ? text : '',
    outcome: { type: 'exit', exit_code: isError ? 1 : 0 },
  }
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return [value]
  return isJsonArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}

/** Without the members that are `null` or absent. */
function known(members: JsonObject): JsonObject {
  const kept: MutableJsonObject = {}
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined || value === null) continue
    Object.defineProperty(kept, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return kept
}
