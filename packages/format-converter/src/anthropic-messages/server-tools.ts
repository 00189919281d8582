/** Tools that the vendor runs, and what they gave back. */
export function isServerToolBlock(kind: string): boolean {
  return kind === 'server_tool_use' || kind === 'mcp_tool_use' || kind === 'mcp_tool_listing' || (kind.endsWith('_tool_result') && kind !== 'tool_result')
}
