export type {
  Config,
  IrcNetwork,
  IrcSettings,
  ListenAddress,
  Permission,
  TelegramSettings,
  WhatsAppSettings,
} from './config.ts'
export { configPath, loadConfig, secretsPath } from './load.ts'
export type { Loaded } from './load.ts'
export { databaseUrl, Secrets, withIrcSecrets, withTelegramSecrets } from './secrets.ts'
