/**
 * What is used of ioredis, in a module of its own that is loaded when Redis is: the names of a CommonJS package are found by
 * every bundler where they are imported so, and not by all in a dynamic import of the package itself.
 */
export { Cluster, Redis } from 'ioredis'
