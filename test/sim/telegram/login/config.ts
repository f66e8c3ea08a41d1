import type { TlObject } from '../contract.ts'
import { DC_ID } from '../contract.ts'
import type { LoginMethods } from './parts.ts'

const CONFIG_SECONDS = 3600

export type AppConfigValue = number | string | boolean | readonly string[]

/** The limits that https://core.telegram.org/api/config documents. */
export const APP_CONFIG: Readonly<Record<string, AppConfigValue>> = {
  caption_length_limit_default: 1024,
  caption_length_limit_premium: 4096,
  reactions_uniq_max: 11,
  reactions_user_max_default: 1,
  reactions_user_max_premium: 3,
  upload_max_fileparts_default: 4000,
  upload_max_fileparts_premium: 8000,
  topics_pinned_limit: 5,
  poll_answers_max: 12,
  chat_read_mark_expire_period: 604_800,
  chat_read_mark_size_threshold: 100,
}

function json(value: AppConfigValue): TlObject {
  if (typeof value === 'number') return { _: 'jsonNumber', value }
  if (typeof value === 'string') return { _: 'jsonString', value }
  if (typeof value === 'boolean') return { _: 'jsonBool', value }
  return { _: 'jsonArray', value: value.map(json) }
}

const jsonObject = (values: Readonly<Record<string, AppConfigValue>>): TlObject => ({
  _: 'jsonObject',
  value: Object.entries(values).map(([key, value]) => ({ _: 'jsonObjectValue', key, value: json(value) })),
})

function config(port: number, now: number): TlObject {
  return {
    _: 'config',
    date: now,
    expires: now + CONFIG_SECONDS,
    test_mode: false,
    this_dc: DC_ID,
    dc_options: [{ _: 'dcOption', static: true, id: DC_ID, ip_address: '127.0.0.1', port }],
    dc_txt_domain_name: '',
    chat_size_max: 200,
    megagroup_size_max: 200_000,
    forwarded_count_max: 100,
    online_update_period_ms: 210_000,
    offline_blur_timeout_ms: 5000,
    offline_idle_timeout_ms: 30_000,
    online_cloud_timeout_ms: 300_000,
    notify_cloud_delay_ms: 30_000,
    notify_default_delay_ms: 1500,
    push_chat_period_ms: 60_000,
    push_chat_limit: 2,
    edit_time_limit: 172_800,
    revoke_time_limit: 2_147_483_647,
    revoke_pm_time_limit: 2_147_483_647,
    rating_e_decay: 2_419_200,
    stickers_recent_limit: 200,
    channels_read_media_period: 604_800,
    call_receive_timeout_ms: 20_000,
    call_ring_timeout_ms: 90_000,
    call_connect_timeout_ms: 30_000,
    call_packet_timeout_ms: 10_000,
    me_url_prefix: 'https://t.me/',
    caption_length_max: 1024,
    message_length_max: 4096,
    webfile_dc_id: DC_ID,
    reactions_default: { _: 'reactionEmoji', emoticon: '👍' },
  }
}

/** What clients ask about the service itself. */
export const configMethods = (
  port: () => number,
  now: () => number,
  appConfig: Readonly<Record<string, AppConfigValue>>,
): LoginMethods => ({
  'help.getConfig': () => config(port(), now()),
  'help.getNearestDc': () => ({ _: 'nearestDc', country: 'XX', this_dc: DC_ID, nearest_dc: DC_ID }),
  'help.getAppConfig': () => ({ _: 'help.appConfig', hash: 1, config: jsonObject(appConfig) }),
})
