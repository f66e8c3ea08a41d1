import { features } from './features.ts'
import { ngircd } from './tiers.ts'

features(ngircd)
