export type { Config, IrcNetwork, IrcSettings, ListenAddress, Permission } from './config.ts'
export { configPath, loadConfig, secretsPath } from './load.ts'
export type { Loaded } from './load.ts'
export { databaseUrl, Secrets, withIrcSecrets } from './secrets.ts'
