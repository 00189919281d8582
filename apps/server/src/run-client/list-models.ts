const LIMIT_MS = 5_000

/** The models that a relay key can reach; none where the relay does not say. */
export async function listModels({
  url,
  key,
}: {
  readonly url: string
  readonly key: string
}): Promise<readonly string[]> {
  try {
    const response = await fetch(`${url}/v1/models`, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(LIMIT_MS),
    })
    if (!response.ok) return []
    const { data } = (await response.json()) as { readonly data: readonly { readonly id: string }[] } // our own answer
    return data.map(({ id }) => id)
  } catch {
    return [] // slow upstreams are no reason not to start
  }
}
