import { program } from './cli/program.ts'
import { demoCommand } from './cli/demo.ts'
import { doctorCommand } from './cli/doctor.ts'
import { initCommand } from './cli/init.ts'
import { ledgerCommand } from './cli/ledger.ts'
import { migrateCommand } from './cli/migrate.ts'
import { registrationCommand } from './cli/registration.ts'
import { runCommand } from './cli/run.ts'
import { startCommand } from './cli/start.ts'
import { terminal } from './cli/terminal.ts'
import { versionCommand } from './cli/version.ts'

const commands = [
  initCommand,
  doctorCommand,
  runCommand,
  startCommand,
  demoCommand,
  ledgerCommand,
  migrateCommand,
  registrationCommand,
  versionCommand,
]

process.exitCode = await program(process.argv.slice(2), commands, terminal())
