import { type Environment, readVariable } from './environment.ts'

/** A JSON document with its variables filled in, and what could not be filled in. */
export interface Substituted {
  readonly value: unknown
  /** `PATH: which variable is missing and what to do`. */
  readonly mistakes: readonly string[]
}

/** Deeper documents are not configuration files. */
const MAX_DEPTH = 32

const VARIABLE = /\$(?:\$\{|\{(?<name>[^}]*)\})/g
const VARIABLE_NAME = /^[A-Za-z_]\w{0,199}$/

/**
 * Replaces `${NAME}` in every text of a JSON document by the variable's value; `$${` stands for a plain `${`.
 *
 * The values themselves are not looked into again, and they appear in no mistake.
 */
export function substituteVariables(document: unknown, environment: Environment): Substituted {
  const mistakes: string[] = []

  function fill(value: unknown, path: readonly PropertyKey[]): unknown {
    if (typeof value === 'string') return fillText(value, path)
    if (typeof value !== 'object' || value === null) return value
    if (path.length >= MAX_DEPTH) {
      mistakes.push(`${formatPath(path)}: lies deeper than ${MAX_DEPTH} levels`)
      return undefined
    }
    if (Array.isArray(value)) return value.map((entry, index) => fill(entry, [...path, index]))
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, fill(entry, [...path, name])]))
  }

  function fillText(text: string, path: readonly PropertyKey[]): string {
    return text.replace(VARIABLE, (match, name: unknown) => {
      if (typeof name !== 'string') return '${'
      const value = VARIABLE_NAME.test(name) ? readVariable(environment, name) : undefined
      if (value === undefined) mistakes.push(`${formatPath(path)}: ${describeMissing(name)}`)
      return value ?? match
    })
  }

  return { value: fill(document, []), mistakes }
}

/** Writes a path as it would be written in code: `accounts[0].timeouts.idleMs`. */
export function formatPath(path: readonly PropertyKey[]): string {
  const text = path
    .map((segment) => {
      if (typeof segment === 'number') return `[${segment}]`
      const name = String(segment)
      return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name.slice(0, 100))}]`
    })
    .join('')
  return text.startsWith('.') ? text.slice(1) : text
}

function describeMissing(name: string): string {
  if (!VARIABLE_NAME.test(name))
    return '"${…}" must hold the name of an environment variable; write "$${" for a plain "${"'
  return `the environment variable ${name} is not set; set it, or take \${${name}} out`
}
