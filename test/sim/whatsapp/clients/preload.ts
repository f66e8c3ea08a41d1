// For `node --import`: a program that uses Baileys and knows nothing of tests talks to the simulated server.
import { connectTo, trust, trustMedia } from './trust.ts'

const { SIM_WHATSAPP_ROOT: root, SIM_WHATSAPP_URL: url, SIM_WHATSAPP_MEDIA: media } = process.env
if (root === undefined || url === undefined || media === undefined)
  throw new Error(
    'the simulated WhatsApp says where it is by SIM_WHATSAPP_ROOT, SIM_WHATSAPP_URL, SIM_WHATSAPP_MEDIA',
  )
trust(Buffer.from(root, 'hex'))
connectTo(url)
trustMedia(media)
