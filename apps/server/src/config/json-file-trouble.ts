/** Why a file could not be read as JSON, to stand behind its path. */
export function jsonFileTrouble(error: unknown): string {
  return error instanceof SyntaxError ? 'is no valid JSON' : 'cannot be read; check the path'
}
