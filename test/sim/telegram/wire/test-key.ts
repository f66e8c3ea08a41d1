import { ServerKey } from './server-key.ts'

/** One key for all servers of a test file: making it takes a while. */
export const SERVER_KEY = ServerKey.generate()
