/** Stands for undici's HTTP/2: upstreams are spoken to in HTTP/1.1 (see `send/pools.ts`), and loading it is dear. */
module.exports = () => {
  throw new Error('HTTP/2 is not spoken to upstreams')
}
