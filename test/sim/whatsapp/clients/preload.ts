// For `node --import`: a program that uses Baileys and knows nothing of tests connects to the simulated server.
import { trust } from './trust.ts'

const { SIM_WHATSAPP_ROOT: root, SIM_WHATSAPP_URL: url } = process.env
if (root === undefined || url === undefined)
  throw new Error('the simulated WhatsApp is told by SIM_WHATSAPP_ROOT (hex) and SIM_WHATSAPP_URL')
trust(Buffer.from(root, 'hex'), url)
