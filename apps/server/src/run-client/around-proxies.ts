type Environment = Readonly<Record<string, string | undefined>>

/** Clients send all they have to say through the proxy that the environment names: Relay is to be reached without it. */
export function aroundProxies(relayUrl: string, { NO_PROXY, no_proxy = NO_PROXY }: Environment): Environment {
  const { hostname } = new URL(relayUrl)
  const hosts = no_proxy ? `${no_proxy},${hostname}` : hostname
  return { NO_PROXY: hosts, no_proxy: hosts }
}
