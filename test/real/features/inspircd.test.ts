import { features } from './features.ts'
import { inspircd } from './tiers.ts'

features(inspircd)
